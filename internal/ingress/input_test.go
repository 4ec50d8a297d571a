package ingress_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/iade/iade/internal/ingress"
)

// badInput is a request whose form is wrong: what it must be answered with, and where the faults must be.
type badInput struct {
	name   string
	req    ingress.Request
	status int
	slug   string
	fields []string // in the answer's order
}

func badInputs() []badInput {
	const good = `{"paymentId":"10000001","amount":"10.50"}`
	refund := func(name, body string, fields ...string) badInput {
		return badInput{name, post("/refunds", body), http.StatusBadRequest, "invalid-request", fields}
	}
	key := func(name string, values ...string) badInput {
		return badInput{name, with(post("/refunds", good), "Idempotency-Key", values...), http.StatusBadRequest, "invalid-request", []string{"Idempotency-Key"}}
	}
	media := func(name string, values ...string) badInput {
		return badInput{name, with(post("/refunds", good), "Content-Type", values...), http.StatusUnsupportedMediaType, "unsupported-media-type", nil}
	}
	amount := func(literal string) badInput {
		return refund("amount "+literal, `{"paymentId":"1","amount":`+literal+`}`, "amount")
	}
	reversal := func(name, body string, fields ...string) badInput {
		return badInput{name, post("/reversals", body), http.StatusBadRequest, "invalid-request", fields}
	}
	cancel := func(name, body string, fields ...string) badInput {
		return badInput{name, post("/cancels", body), http.StatusBadRequest, "invalid-request", fields}
	}
	resolution := func(name, body string, fields ...string) badInput {
		return badInput{name, post("/operations/"+refundID+"/resolution", body), http.StatusBadRequest, "invalid-request", fields}
	}
	query := func(path, query string, fields ...string) badInput {
		return badInput{"GET " + path + "?" + query, get(path, query), http.StatusBadRequest, "invalid-request", fields}
	}
	inputs := []badInput{
		key("key missing"),
		key("key empty", ""),
		key("key of two quotation marks", `""`),
		key("key of 256 characters", strings.Repeat("k", 256)),
		key("quoted key of 256 characters", `"`+strings.Repeat("k", 256)+`"`),
		key("key with comma", "a,b"),
		key("key twice", "key-1", "key-2"),
		key("same key twice", "key-1", "key-1"),
		key("key with space", "a b"),
		key("key with tab", "a\tb"),
		key("key beyond ASCII", "anahtarım"),

		media("no content type"),
		media("form", "application/x-www-form-urlencoded"),
		media("plain text", "text/plain"),
		media("another charset", "application/json; charset=iso-8859-9"),
		media("another parameter", "application/json; profile=x"),
		media("broken media type", "application/json; ="),
		media("two content types", "application/json", "application/json"),
		media("json suffix", "application/merge+json"),

		{"65 KiB", post("/refunds", `{"reference":"`+strings.Repeat("x", 65<<10)+`"}`), http.StatusRequestEntityTooLarge, "content-too-large", nil},
		{"one byte too many", post("/refunds", good+strings.Repeat(" ", ingress.MaxBodyBytes+1-len(good))), http.StatusRequestEntityTooLarge, "content-too-large", nil},
		{"10 MB", post("/refunds", strings.Repeat("x", 10_000_000)), http.StatusRequestEntityTooLarge, "content-too-large", nil},
		{"10 MB that are not JSON", with(post("/refunds", strings.Repeat("x", 10_000_000)), "Content-Type", "text/plain"), http.StatusUnsupportedMediaType, "unsupported-media-type", nil},
		{"65 KiB without key", with(post("/refunds", strings.Repeat("x", 65<<10)), "Idempotency-Key"), http.StatusRequestEntityTooLarge, "content-too-large", nil},

		refund("empty body", "", "body"),
		refund("blank body", " \n\t", "body"),
		refund("broken JSON", `{"paymentId":"1","amount":`, "body"),
		refund("single quotes", `{'paymentId':'1'}`, "body"),
		refund("trailing comma", `{"paymentId":"1","amount":"1",}`, "body"),
		refund("comment", `{"paymentId":"1","amount":"1"} // now`, "body"),
		refund("second value", good+good, "body"),
		refund("NaN literal", `{"paymentId":"1","amount":NaN}`, "body"),
		refund("leading zeros in a number", `{"paymentId":"1","amount":007}`, "body"),
		refund("byte order mark", "\ufeff"+good, "body"),
		refund("invalid UTF-8", "{\"paymentId\":\"1\",\"amount\":\"1\",\"reference\":\"\xff\"}", "body"),
		refund("encoded half of a character", "{\"reference\":\"\xed\xa0\xbd\"}", "body"),
		refund("escaped half of a character", `{"paymentId":"1","amount":"1","reference":"\ud83d"}`, "body"),
		refund("escaped half and a whole character", `{"paymentId":"1","amount":"1","reference":"\ud83d\u0041"}`, "body"),
		refund("escaped half and another escape", `{"paymentId":"1","amount":"1","reference":"\ud83d\n"}`, "body"),
		refund("escaped half in a member's name", `{"paymentId":"1","amount":"1","\udfff":1}`, "body"),
		refund("escaped halves in the wrong order", `{"paymentId":"1","amount":"1","reference":"\udc00\ud83d"}`, "body"),
		refund("array", `[`+good+`]`, "body"),
		refund("null", `null`, "body"),
		refund("string", `"10000001"`, "body"),
		refund("nesting beyond any limit", strings.Repeat("[", 30000)+strings.Repeat("]", 30000), "body"),
		refund("nesting of 9 levels", `{"paymentId":"1","amount":"1","reference":[[[[[[[[[1],{"a":{}}]]]]]]]]}`, "reference[0][0][0][0][0][0][0]", "reference"),
		refund("member twice", `{"paymentId":"1","amount":"1","amount":"2"}`, "amount"),
		refund("member twice, once escaped", `{"paymentId":"1","amount":"1","\u0061mount":"2"}`, "amount"),
		refund("member three times", `{"paymentId":"1","amount":"1","amount":"1","amount":"1"}`, "amount", "amount"),
		refund("member twice further down", `{"paymentId":"1","amount":"1","x":[{"y":1,"y":1}]}`, "x[0].y", "x"),
		refund("unknown member", `{"paymentId":"1","amount":"1","price":"1"}`, "price"),
		refund("member in other case", `{"paymentId":"1","Amount":"1"}`, "amount", "Amount"),
		refund("nameless member", `{"paymentId":"1","amount":"1","":"1"}`, `""`),
		refund("fund payment's key member", `{"paymentId":"1","amount":"1","idempotencyKey":"k"}`, "idempotencyKey"),
		refund("no member", `{}`, "paymentId", "amount"),
		{"every fault at once", with(post("/refunds", `{"paymentId":1,"amount":"-1","currency":"try","reason":"WHY","ip":"x","locale":"de","x":1}`), "Idempotency-Key"),
			http.StatusBadRequest, "invalid-request", []string{"paymentId", "amount", "currency", "reason", "ip", "locale", "Idempotency-Key", "x"}},
		{"query and body", func() ingress.Request { r := post("/refunds", `{}`); r.RawQuery = "dryRun=true"; return r }(),
			http.StatusBadRequest, "invalid-request", []string{"dryRun", "paymentId", "amount"}},

		refund("paymentId missing", `{"amount":"1"}`, "paymentId"),
		refund("paymentId number", `{"paymentId":10000001,"amount":"1"}`, "paymentId"),
		refund("paymentId null", `{"paymentId":null,"amount":"1"}`, "paymentId"),
		refund("paymentId empty", `{"paymentId":"","amount":"1"}`, "paymentId"),
		refund("paymentId of 20 digits", `{"paymentId":"12345678901234567890","amount":"1"}`, "paymentId"),
		refund("paymentId negative", `{"paymentId":"-1","amount":"1"}`, "paymentId"),
		refund("paymentId in Arabic digits", `{"paymentId":"١٢","amount":"1"}`, "paymentId"),
		refund("line number", `{"paymentId":"1","paymentTransactionId":20000001,"amount":"1"}`, "paymentTransactionId"),
		refund("line empty", `{"paymentId":"1","paymentTransactionId":"","amount":"1"}`, "paymentTransactionId"),

		amount(`-1`), amount(`"-1"`), amount(`0`), amount(`"0"`), amount(`"0.00"`), amount(`0.001`), amount(`"0.001"`), amount(`1e2`),
		amount(`"1e2"`), amount(`1E+2`), amount(`"NaN"`), amount(`"Infinity"`), amount(`"12,50"`), amount(`"1.234,50"`), amount(`"+1"`),
		amount(`" 1"`), amount(`"1 "`), amount(`".5"`), amount(`"5."`), amount(`""`), amount(`"0x10"`), amount(`1000000000000`),
		amount(`"1000000000000"`), amount(`1e400`), amount(strings.Repeat("9", 400)), amount(`"` + strings.Repeat("9", 400) + `"`),
		amount(`"1.` + strings.Repeat("0", 400) + `"`), amount(`10.005`), amount(`"١"`), amount(`true`), amount(`null`), amount(`["1"]`),
		amount(`{"value":"1"}`), amount(`"₺10"`),

		refund("full and amount", `{"paymentId":"1","amount":"1","full":true}`, "amount"),
		refund("neither full nor amount", `{"paymentId":"1"}`, "amount"),
		refund("full false and no amount", `{"paymentId":"1","full":false}`, "amount"),
		refund("full as string", `{"paymentId":"1","full":"true"}`, "full", "amount"),
		refund("full as number", `{"paymentId":"1","full":1,"amount":"1"}`, "full"),
		refund("currency unknown", `{"paymentId":"1","amount":"1","currency":"JPY"}`, "currency"),
		refund("currency lower case", `{"paymentId":"1","amount":"1","currency":"try"}`, "currency"),
		refund("currency number", `{"paymentId":"1","amount":"1","currency":949}`, "currency"),
		refund("destination unknown", `{"paymentId":"1","amount":"1","destination":"wallet"}`, "destination"),
		refund("allocation unknown", `{"paymentId":"1","amount":"1","allocation":"evenly"}`, "allocation"),
		refund("allocation empty", `{"paymentId":"1","amount":"1","allocation":""}`, "allocation"),
		refund("allocation with full", `{"paymentId":"1","full":true,"allocation":"in_order"}`, "allocation"),
		refund("allocation with line", `{"paymentId":"1","paymentTransactionId":"2","amount":"1","allocation":"in_order"}`, "allocation"),
		refund("reason unknown", `{"paymentId":"1","amount":"1","reason":"REGRET"}`, "reason"),
		refund("reason with letters that fold", `{"paymentId":"1","amount":"1","reason":"double_payment\u0131"}`, "reason"),
		refund("reason with a long s", `{"paymentId":"1","amount":"1","reason":"buyer_reque\u017ft"}`, "reason"),
		refund("description without reason", `{"paymentId":"1","amount":"1","description":"late"}`, "description"),
		refund("description of 501 characters", `{"paymentId":"1","amount":"1","reason":"OTHER","description":"`+strings.Repeat("ğ", 501)+`"}`, "description"),
		refund("description with a control character", `{"paymentId":"1","amount":"1","reason":"OTHER","description":"a\u0000b"}`, "description"),
		refund("reference of 101 characters", `{"paymentId":"1","amount":"1","reference":"`+strings.Repeat("ş", 101)+`"}`, "reference"),
		refund("reference with a line break", `{"paymentId":"1","amount":"1","reference":"a\nb"}`, "reference"),
		refund("reference number", `{"paymentId":"1","amount":"1","reference":7}`, "reference"),
		refund("ip name", `{"paymentId":"1","amount":"1","ip":"localhost"}`, "ip"),
		refund("ip with port", `{"paymentId":"1","amount":"1","ip":"1.2.3.4:80"}`, "ip"),
		refund("ip with zone", `{"paymentId":"1","amount":"1","ip":"fe80::1%eth0"}`, "ip"),
		refund("ip with leading zeros", `{"paymentId":"1","amount":"1","ip":"1.2.3.04"}`, "ip"),
		refund("locale unknown", `{"paymentId":"1","amount":"1","locale":"TR"}`, "locale"),
		refund("returnUrl on a card", `{"paymentId":"1","amount":"1","returnUrl":"https://shop.example/"}`, "returnUrl"),
		refund("dryRun as string", `{"paymentId":"1","amount":"1","dryRun":"true"}`, "dryRun"),

		refund("balance with everything", `{"paymentId":"1","destination":"balance","amount":"1","full":true,"paymentTransactionId":"2","allocation":"iyzico"}`,
			"amount", "paymentTransactionId", "allocation", "full"),
		refund("balance with http", `{"paymentId":"1","destination":"balance","returnUrl":"http://shop.example/"}`, "returnUrl"),
		refund("balance with a path", `{"paymentId":"1","destination":"balance","returnUrl":"/thanks"}`, "returnUrl"),
		refund("balance with a script", `{"paymentId":"1","destination":"balance","returnUrl":"javascript:alert(1)"}`, "returnUrl"),
		refund("balance with a user", `{"paymentId":"1","destination":"balance","returnUrl":"https://a:b@shop.example/"}`, "returnUrl"),
		refund("balance with a URL of 2001 characters", `{"paymentId":"1","destination":"balance","returnUrl":"https://shop.example/`+strings.Repeat("x", 1980)+`"}`, "returnUrl"),

		cancel("cancel without payment", `{}`, "paymentId"),
		cancel("cancel with amount", `{"paymentId":"1","amount":"1"}`, "amount"),
		cancel("cancel with dryRun", `{"paymentId":"1","dryRun":true}`, "dryRun"),
		reversal("reversal without payment", `{}`, "paymentId"),
		reversal("reversal with amount and full", `{"paymentId":"1","amount":"1","full":true}`, "amount", "full"),
		reversal("reversal with its kind, which the route says", `{"paymentId":"1","kind":"reversal"}`, "kind"),
		reversal("reversal with description alone", `{"paymentId":"1","description":"x"}`, "description"),
		{"reversal without key", with(post("/reversals", `{"paymentId":"1"}`), "Idempotency-Key"), http.StatusBadRequest, "invalid-request", []string{"Idempotency-Key"}},
		cancel("cancel with description alone", `{"paymentId":"1","description":"x"}`, "description"),
		{"cancel without key", with(post("/cancels", `{"paymentId":"1"}`), "Idempotency-Key"), http.StatusBadRequest, "invalid-request", []string{"Idempotency-Key"}},
		{"fund payment without key", with(post("/fund-payments", fundBody), "Idempotency-Key"), http.StatusBadRequest, "invalid-request", []string{"Idempotency-Key"}},
		{"fund payment without body", post("/fund-payments", ``), http.StatusBadRequest, "invalid-request", []string{"body"}},
		{"fund payment with a member twice", post("/fund-payments", strings.Replace(fundBody, `"buyer": {`, `"buyer": {"id": "1",`, 1)), http.StatusBadRequest, "invalid-request", []string{"buyer.id"}},

		resolution("resolution without anything", `{}`, "decision", "reason", "by"),
		resolution("resolution with empty texts", `{"decision":"","reason":" ","by":""}`, "decision", "reason", "by"),
		resolution("resolution unknown", `{"decision":"expired","reason":"r","by":"op-1"}`, "decision"),
		resolution("resolution too long", `{"decision":"succeeded","reason":"`+strings.Repeat("r", 501)+`","by":"`+strings.Repeat("b", 101)+`"}`, "reason", "by"),
		resolution("resolution by a name", `{"decision":"succeeded","reason":"r","by":"Ada Lovelace"}`, "by"),
		resolution("resolution with more", `{"decision":"succeeded","reason":"r","by":"op-1","force":true}`, "force"),
		{"resolution as a form", with(post("/operations/"+refundID+"/resolution", `decision=succeeded`), "Content-Type", "application/x-www-form-urlencoded"), http.StatusUnsupportedMediaType, "unsupported-media-type", nil},
		{"check with a member", post("/operations/"+refundID+"/check", `{"force":true}`), http.StatusBadRequest, "invalid-request", []string{"force"}},
		{"check with text", with(post("/operations/"+refundID+"/check", `x`), "Content-Type", "text/plain"), http.StatusUnsupportedMediaType, "unsupported-media-type", nil},

		query("/operations", "status=succeeded,", "status"),
		query("/operations", "kind=payment&order=up&limit=201&paymentId=x&reference=", "kind", "paymentId", "reference", "order", "limit"),
		query("/operations", "from=2026-03-01T12:00:00&to=2026-13-01", "from", "to"),
		query("/operations", "from=2026-03-02&to=2026-03-01", "to"),
		query("/operations", "from=2026-03-01T12:00:00Z&to=2026-03-01T12:00:00Z", "to"),
		query("/operations/"+refundID+"/history", "limit=1", "limit"),
		query("/operations", "status=", "status"),
		query("/operations", "status=unknown&status=processing", "status"),
		query("/operations", "state=unknown", "state"),
		query("/operations", "cursor=", "cursor"),
		query("/operations", "cursor=a%20b", "cursor"),
		query("/operations", "cursor="+strings.Repeat("x", 1025), "cursor"),
		query("/operations", "page=2&status=x&cursor=%00", "page", "status", "cursor"),
		query("/operations", "status=%zz", "query"),
		query("/payments/10000001", "cursor=-1", "cursor"),
		query("/payments/10000001", "cursor=1.5", "cursor"),
		query("/payments/10000001", "cursor=007", "cursor"),
		query("/payments/10000001", "cursor=99999999999", "cursor"),
		query("/payments/10000001", "cursor=x", "cursor"),
		query("/payments/10000001", "limit=5", "limit"),
		query("/refunds/"+refundID, "expand=legs", "expand"),
	}
	return inputs
}

func TestBadInputIsRefusedBeforeTheServiceSeesIt(t *testing.T) {
	t.Parallel()
	for _, input := range badInputs() {
		t.Run(input.name, func(t *testing.T) {
			t.Parallel()
			service := &fakeService{result: succeeded()}
			response := newAPI(service).Handle(context.Background(), input.req)
			slug, problem := problemOf(t, response)
			if response.Status != input.status || slug != input.slug {
				t.Fatalf("answer = %d %s, want %d %s", response.Status, slug, input.status, input.slug)
			}
			var fields []string
			for _, fault := range problem.Errors {
				fields = append(fields, fault.Field)
				if fault.Message == "" {
					t.Errorf("no message for %s", fault.Field)
				}
			}
			if !slices.Equal(fields, input.fields) {
				t.Errorf("fields = %q, want %q", fields, input.fields)
			}
			if len(service.calls) > 0 {
				t.Errorf("the service was called: %v", service.calls)
			}
			if response.Header.Get("Idempotent-Replayed") != "" || response.Header.Get("Retry-After") != "" {
				t.Errorf("header = %v", response.Header)
			}
		})
	}
}

func TestFaultsAreBounded(t *testing.T) {
	t.Parallel()
	var body bytes.Buffer
	body.WriteString(`{"paymentId":"1","amount":"1"`)
	for i := range 5000 {
		fmt.Fprintf(&body, `,"m%d":1`, i)
	}
	body.WriteString(`}`)
	response := newAPI(&fakeService{}).Handle(context.Background(), post("/refunds", body.String()))
	_, problem := problemOf(t, response)
	if len(problem.Errors) != 100 || !strings.Contains(problem.Detail, "more") {
		t.Errorf("%d errors, detail %q", len(problem.Errors), problem.Detail)
	}
}

func TestAnUnknownMembersNameIsCut(t *testing.T) {
	t.Parallel()
	response := newAPI(&fakeService{}).Handle(context.Background(),
		post("/refunds", `{"paymentId":"1","amount":"1","`+strings.Repeat("ü", 1000)+`":1}`))
	_, problem := problemOf(t, response)
	if len(problem.Errors) != 1 || problem.Errors[0].Field != strings.Repeat("ü", 64)+"…" {
		t.Errorf("errors = %+v", problem.Errors)
	}
}

func TestFaultsNeverRepeatWhatWasSent(t *testing.T) {
	t.Parallel()
	const secret = "5528790000000008"
	for _, member := range []string{
		"paymentTransactionId", "amount", "full", "currency", "destination", "allocation", "reason", "description", "ip", "locale", "returnUrl",
	} {
		response := newAPI(&fakeService{}).Handle(context.Background(), post("/refunds", `{"paymentId":"1","`+member+`":"x`+secret+`"}`))
		if response.Status != http.StatusBadRequest || bytes.Contains(response.Body, []byte(secret)) {
			t.Errorf("%s: %d %s", member, response.Status, response.Body)
		}
	}
}

func TestABodyThatDidNotArriveWholeIsRefused(t *testing.T) {
	t.Parallel()
	service := &fakeService{result: succeeded()}
	req := post("/refunds", "")
	req.Unreadable = true
	_, problem := problemOf(t, newAPI(service).Handle(context.Background(), req))
	if len(problem.Errors) != 1 || problem.Errors[0].Field != "body" || len(service.calls) > 0 {
		t.Errorf("errors = %+v, calls %v", problem.Errors, service.calls)
	}
}
