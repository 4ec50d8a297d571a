package ingress_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

func amountOf(text string, currency money.Currency) money.Amount {
	return money.New(decimal.RequireFromString(text), currency)
}

var compareCommands = cmp.Comparer(func(a, b money.Amount) bool {
	return a.Decimal().Equal(b.Decimal()) && a.Currency() == b.Currency()
})

func TestGoodBodiesBecomeCommands(t *testing.T) {
	t.Parallel()
	base := payment.Command{
		Kind: payment.KindRefund, PaymentID: "10000001", Key: "key-1", Amount: amountOf("10.5", ""), Destination: payment.ToCard,
		Locale: "tr", Interactive: true,
	}
	refund := func(change func(*payment.Command)) payment.Command {
		c := base
		change(&c)
		return c
	}
	for _, tc := range []struct {
		name, path, body string
		want             payment.Command
	}{
		{"least", "/refunds", `{"paymentId":"10000001","amount":"10.50"}`, base},
		{"amount as number", "/refunds", ` {"paymentId":"10000001","amount":10.500000000000} ` + "\r\n", base},
		{"amount that a float would round", "/refunds", `{"paymentId":"10000001","amount":123456789012.34}`,
			refund(func(c *payment.Command) { c.Amount = amountOf("123456789012.34", "") })},
		{"full false is the same as absent", "/refunds", `{"paymentId":"10000001","amount":"10.50","full":false}`, base},
		{"defaults written out", "/refunds", `{"paymentId":"10000001","amount":"10.50","destination":"card","locale":"tr"}`, base},
		{"empty texts are the same as absent", "/refunds", `{"paymentId":"10000001","amount":"10.50","reference":"","description":""}`, base},
		{"full", "/refunds", `{"paymentId":"10000001","full":true}`,
			refund(func(c *payment.Command) { c.Full, c.Amount = true, money.Amount{} })},
		{"full of a line in a currency", "/refunds", `{"paymentId":"10000001","full":true,"paymentTransactionId":"1234567890123456789","currency":"EUR"}`,
			refund(func(c *payment.Command) {
				c.Full, c.Amount, c.LineID, c.Currency = true, money.Zero("EUR"), "1234567890123456789", "EUR"
			})},
		{"everything", "/refunds", `{"paymentId":"10000001","amount":"10.50","currency":"TRY","allocation":"proportional","reason":"Buyer_Request",
			"description":"` + strings.Repeat("ğ", 500) + `","ip":"2001:db8::1","locale":"en","reference":"` + strings.Repeat("ş", 100) + `"}`,
			refund(func(c *payment.Command) {
				c.Amount, c.Currency, c.Allocation = amountOf("10.5", "TRY"), "TRY", payment.AllocateProportional
				c.Reason, c.Description, c.IP, c.Locale = "BUYER_REQUEST", strings.Repeat("ğ", 500), "2001:db8::1", "en"
				c.Reference = strings.Repeat("ş", 100)
			})},
		{"escaped pair", "/refunds", `{"paymentId":"10000001","amount":"10.50","reference":"\ud83d\ude00 \\ud83d"}`,
			refund(func(c *payment.Command) { c.Reference = `😀 \ud83d` })},
		{"cancel", "/cancels", `{"paymentId":"10000001","reason":"fraud","ip":"1.2.3.4"}`,
			payment.Command{Kind: payment.KindCancel, PaymentID: "10000001", Key: "key-1", Reason: "FRAUD", IP: "1.2.3.4", Locale: "tr", Interactive: true}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{result: succeeded()}
			req := post(tc.path, tc.body)
			response := newAPI(service).Handle(context.Background(), req)
			if response.Status != http.StatusCreated {
				t.Fatalf("answer = %d %s", response.Status, response.Body)
			}
			if diff := cmp.Diff(tc.want, service.command, compareCommands); diff != "" {
				t.Errorf("command (-want +got):\n%s", diff)
			}
			if !service.until.Equal(req.Until) || service.record != payment.RecordNone {
				t.Errorf("until = %v, record = %v", service.until, service.record)
			}
		})
	}
}

func TestEveryListedWordIsTaken(t *testing.T) {
	t.Parallel()
	var bodies []string
	for _, currency := range money.Currencies() {
		bodies = append(bodies, `"currency":"`+string(currency)+`"`)
	}
	for _, allocation := range []string{"proportional", "in_order", "iyzico"} {
		bodies = append(bodies, `"allocation":"`+allocation+`"`)
	}
	for _, reason := range []string{"OTHER", "FRAUD", "BUYER_REQUEST", "DOUBLE_PAYMENT", "other", "fraud", "buyer_request", "double_payment"} {
		bodies = append(bodies, `"reason":"`+reason+`"`)
	}
	for _, body := range bodies {
		service := &fakeService{result: succeeded()}
		response := newAPI(service).Handle(context.Background(), post("/refunds", `{"paymentId":"1","amount":"1",`+body+`}`))
		if response.Status != http.StatusCreated || len(service.calls) != 1 {
			t.Errorf("%s: %d %s", body, response.Status, response.Body)
		}
	}
}

func TestKeysAreTakenAsTheCallerMeantThem(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("k", 255)
	for sent, want := range map[string]string{
		"k": "k", long: long, `"` + long + `"`: long, `"a b"`: "", `"quoted"`: "quoted", `""quoted""`: `"quoted"`, `"`: `"`, `"open`: `"open`,
		"!~": "!~", " padded\t": "padded", "a;b=c": "a;b=c",
	} {
		service := &fakeService{result: succeeded()}
		response := newAPI(service).Handle(context.Background(),
			with(post("/refunds", `{"paymentId":"1","amount":"1"}`), "Idempotency-Key", sent))
		if want == "" {
			if response.Status != http.StatusBadRequest {
				t.Errorf("%q: %d", sent, response.Status)
			}
			continue
		}
		if response.Status != http.StatusCreated || service.command.Key != want {
			t.Errorf("%q: %d, key %q, want %q", sent, response.Status, service.command.Key, want)
		}
	}
}

func TestContentTypeMayNameUTF8(t *testing.T) {
	t.Parallel()
	for _, contentType := range []string{"application/json", "Application/JSON", "application/json;charset=UTF-8", `application/json; charset="utf-8"`} {
		response := newAPI(&fakeService{result: succeeded()}).Handle(context.Background(),
			with(post("/refunds", `{"paymentId":"1","amount":"1"}`), "Content-Type", contentType))
		if response.Status != http.StatusCreated {
			t.Errorf("%s: %d", contentType, response.Status)
		}
	}
}

func TestABodyOf64KiBIsRead(t *testing.T) {
	t.Parallel()
	const body = `{"paymentId":"1","amount":"1"}`
	response := newAPI(&fakeService{result: succeeded()}).Handle(context.Background(),
		post("/refunds", body+strings.Repeat(" ", ingress.MaxBodyBytes-len(body))))
	if response.Status != http.StatusCreated {
		t.Errorf("answer = %d %s", response.Status, response.Body)
	}
}

func TestAPreviewLooksAtNoKeyAndRequestsNothing(t *testing.T) {
	t.Parallel()
	for name, values := range map[string][]string{"none": nil, "good": {"key-1"}, "malformed": {"a,b"}, "twice": {"a", "b"}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{preview: payment.Preview{
				Legs: []payment.LegView{{PaymentTransactionID: "20000001", Amount: "1.00"}}, Amount: "1.00", Refundable: "10.50", IyzicoCalls: 1,
			}}
			response := newAPI(service).Handle(context.Background(),
				with(post("/refunds/preview", `{"paymentId":"1","amount":"1"}`), "Idempotency-Key", values...))
			want := `{"legs":[{"paymentTransactionId":"20000001","amount":"1.00"}],"amount":"1.00","refundable":"10.50","iyzicoCalls":1}` + "\n"
			if response.Status != http.StatusOK || string(response.Body) != want {
				t.Errorf("answer = %d %s", response.Status, response.Body)
			}
			if service.command.Key != "" || strings.Join(service.calls, " ") != "Preview" {
				t.Errorf("key %q, calls %v", service.command.Key, service.calls)
			}
		})
	}
}

func TestAPreviewAnswersTheServicesRefusal(t *testing.T) {
	t.Parallel()
	service := &fakeService{err: &payment.Error{Code: payment.CodeLineNotFound, Message: "no such line"}}
	response := newAPI(service).Handle(context.Background(), post("/refunds/preview", `{"paymentId":"1","amount":"1"}`))
	if slug, _ := problemOf(t, response); slug != "line-not-found" || response.Header.Get("Idempotent-Replayed") != "" {
		t.Errorf("answer = %s %v", slug, response.Header)
	}
}

func TestABalanceRefundThatIsNotSetUpSaysSoAfterItsForm(t *testing.T) {
	t.Parallel()
	for name, req := range map[string]ingress.Request{
		"balance":              post("/refunds", `{"paymentId":"1","destination":"balance","returnUrl":"https://shop.example/back?a=1"}`),
		"balance locally":      post("/refunds", `{"paymentId":"1","destination":"balance","full":false,"returnUrl":"http://127.0.0.1:8080/back"}`),
		"balance on localhost": post("/refunds", `{"paymentId":"1","destination":"balance","returnUrl":"http://localhost:8080/back"}`),
		"balance, no url":      post("/refunds", `{"paymentId":"1","destination":"balance","currency":"TRY"}`),
		"balance, preview":     post("/refunds/preview", `{"paymentId":"1","destination":"balance"}`),
	} {
		service := &fakeService{}
		api := newAPI(service)
		api.ReturnOrigins = []string{"https://shop.example", "http://127.0.0.1:8080", "http://localhost:8080"}
		response := api.Handle(context.Background(), req)
		slug, _ := problemOf(t, response)
		if response.Status != http.StatusNotImplemented || slug != "not-implemented" || len(service.calls) > 0 {
			t.Errorf("%s: %d %s, calls %v", name, response.Status, slug, service.calls)
		}
	}
}
