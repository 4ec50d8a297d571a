package iyzico

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// canary is planted in everything that must not be printed: keys, tokens, personal data and iyzico's own words.
const canary = "canary7f3a"

// forms returns every form in which an error could reach a log.
func forms(t *testing.T, err error) []string {
	t.Helper()
	var out []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		out = append(out, fmt.Sprintf(verb, err), fmt.Sprintf(verb, fmt.Errorf("wrapped: %w", err)))
		if e, ok := errors.AsType[*Error](err); ok {
			out = append(out, fmt.Sprintf(verb, *e), fmt.Sprintf(verb, struct{ E *Error }{e}), fmt.Sprintf(verb, []error{e}))
		}
	}
	encoded, marshalErr := json.Marshal(err)
	if marshalErr != nil {
		t.Fatal(marshalErr)
	}
	out = append(out, string(encoded))
	var buffer bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&buffer, nil), slog.NewJSONHandler(&buffer, nil)} {
		slog.New(handler).Error("x", "err", err, "group", slog.GroupValue(slog.Any("err", err)))
	}
	return append(out, buffer.String())
}

func checkRedacted(t *testing.T, name string, texts []string) {
	t.Helper()
	for _, text := range texts {
		lower := strings.ToLower(text)
		if strings.Contains(lower, canary) || strings.Contains(lower, fmt.Sprintf("%x", canary)) {
			t.Errorf("%s: a canary got out: %s", name, text)
		}
	}
}

// moneyCalls calls everything with canaries in all that is private.
func moneyCalls(ctx context.Context, c *Client) map[string]error {
	results := map[string]error{}
	_, results["Refund"] = c.Refund(ctx, RefundRequest{PaymentTransactionID: "1", Price: amount("5"), ConversationID: "conv-1", IP: "85.34.78.112", Reason: RefundReasonOther, Description: canary})
	_, results["Refund, invalid"] = c.Refund(ctx, RefundRequest{PaymentTransactionID: canary, Price: amount("5"), ConversationID: canary + " ", Description: canary})
	_, results["RefundPayment"] = c.RefundPayment(ctx, RefundPaymentRequest{PaymentID: "1", Price: amount("5"), ConversationID: "conv-1"})
	_, results["Cancel"] = c.Cancel(ctx, CancelRequest{PaymentID: "1", ConversationID: "conv-1", Reason: RefundReasonOther, Description: canary})
	_, results["InitBalanceRefund"] = c.InitBalanceRefund(ctx, BalanceRefundRequest{PaymentID: "1", ConversationID: "conv-1", CallbackURL: "https://m.example/" + canary})
	_, results["InitBalanceRefund, invalid"] = c.InitBalanceRefund(ctx, BalanceRefundRequest{PaymentID: "1", ConversationID: "conv-1", CallbackURL: "http://" + canary})
	_, results["RetrievePayment"] = c.RetrievePayment(ctx, RetrievePaymentRequest{PaymentConversationID: canary})
	_, results["RetrieveReport"] = c.RetrieveReport(ctx, RetrieveReportRequest{PaymentConversationID: canary})
	_, results["ListTransactions"] = c.ListTransactions(ctx, ListTransactionsRequest{Date: "2026-03-01"})
	_, results["ListTransactions, invalid"] = c.ListTransactions(ctx, ListTransactionsRequest{Date: canary})
	_, results["RefundChargedToMerchant"] = c.RefundChargedToMerchant(ctx, RefundRequest{PaymentTransactionID: "1", Price: amount("5"), ConversationID: "conv-1", Reason: RefundReasonOther, Description: canary})
	session := SessionRequest{Session: Session{SessionToken: canary, MemberIdentifier: canary}}
	_, results["RetrieveAccessToken"] = c.RetrieveAccessToken(ctx, session)
	_, results["RetrieveLastPayment"] = c.RetrieveLastPayment(ctx, canary, session)
	_, results["InvalidateSession"] = c.InvalidateSession(ctx, session)
	_, results["RetrieveSession"] = c.RetrieveSession(ctx, RetrieveSessionRequest{CheckoutFormToken: canary, PaymentID: "1"})
	_, results["RetrieveSessionPayment"] = c.RetrieveSessionPayment(ctx, RetrieveSessionPaymentRequest{CheckoutFormToken: canary})
	fund := testFundRequest()
	fund.Session, fund.AccessToken, fund.CallbackURL, fund.BasketID = session.Session, canary, "https://m.example/"+canary, canary
	fund.Buyer = Buyer{ID: canary, Name: canary, Surname: canary, IdentityNumber: canary, Email: canary, GSMNumber: canary, RegistrationAddress: canary, City: canary, Country: canary, ZipCode: canary}
	fund.BillingAddress = Address{Address: canary, ContactName: canary, City: canary, Country: canary, ZipCode: canary}
	fund.ShippingAddress = &fund.BillingAddress
	_, results["FundPayment"] = c.CreateFundPayment(ctx, fund)
	fund.Buyer.Name, fund.Buyer.IP = canary+"\n", canary
	_, results["FundPayment, invalid"] = c.CreateFundPayment(ctx, fund)
	return results
}

func TestNoErrorPrintsASecretOrPersonalDatum(t *testing.T) {
	t.Parallel()
	member := func(name string) string { return `"` + name + `":"` + canary + `"` }
	answers := map[string]*http.Response{
		"failure, all members": response(200, `{"status":"failure","errorCode":"10051",`+member("errorMessage")+`,`+member("errorGroup")+`,`+member("token")+`,`+member("signature")+`,`+member("url")+`}`),
		"failure, unknown":     response(400, `{"status":"failure","errorCode":"4711",`+member("errorMessage")+`}`),
		"failure, code":        response(200, `{"status":"failure",`+member("errorCode")+`}`),
		"failure, elsewhere":   response(200, `{"status":"failure","errorCode":"10051",`+member("conversationId")+`,`+member("paymentId")+`}`),
		"a member twice":       response(200, `{"status":"success",`+member(canary)+`,`+member(canary)+`}`),
		"status":               response(200, `{`+member("status")+`}`),
		"success, all members": response(200, `{"status":"success",`+member("conversationId")+`,`+member("paymentId")+`,`+member("price")+`,`+member("currency")+`,`+member("signature")+`,`+member("sessionToken")+`,`+member("url")+`,`+member("paidPrice")+`}`),
		"success, nested":      response(200, `{"status":"success","payments":{`+member("paymentId")+`},"transactions":[{`+member("price")+`}],"itemTransactions":[{`+member("price")+`}]}`),
		"success, shapes":      response(200, `{"status":"success","itemTransactions":"`+canary+`","payments":"`+canary+`","transactions":"`+canary+`"}`),
		"no JSON":              response(200, canary),
		"truncated":            response(200, `{"status":"success","token":"`+canary),
		"HTML 500":             response(500, "<html>"+canary),
		"redirect":             {StatusCode: 302, Header: http.Header{"Location": {"https://evil.example/" + canary}}, Body: http.NoBody},
		"oversize":             response(200, strings.Repeat(canary, 200_000)),
	}
	transports := map[string]Option{}
	for name, answer := range answers {
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		transports[name] = WithTransport(roundTripFunc(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: answer.StatusCode, Header: answer.Header, Body: io.NopCloser(bytes.NewReader(body))}, nil
		}))
	}
	transports["a transport's error"] = WithTransport(roundTripFunc(func(req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("%s %v: %s", req.URL, req.Header, canary)
	}))
	transports["a body's error"] = WithTransport(roundTripFunc(func(*http.Request) (*http.Response, error) {
		broken, writer := io.Pipe()
		_ = writer.CloseWithError(errors.New(canary))
		return &http.Response{StatusCode: 200, Body: broken}, nil
	}))
	transports["a dial's error"] = WithDialContext(func(context.Context, string, string) (net.Conn, error) { return nil, errors.New(canary) })
	transports["a late clock"] = WithClock(func() time.Time { return time.Now().Add(time.Hour) })

	for name, opt := range transports {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, err := New(Config{BaseURL: SandboxURL, APIKey: canary, SecretKey: canary}, opt)
			if err != nil {
				t.Fatal(err)
			}
			for call, err := range moneyCalls(testContext(t), c) {
				if err == nil && !strings.HasPrefix(name, "success") {
					t.Errorf("%s succeeded", call)
				}
				if err == nil {
					continue
				}
				asError(t, err)
				checkRedacted(t, call, forms(t, err))
			}
		})
	}
	_, err := New(Config{BaseURL: "https://" + canary + ":" + canary + "@host", APIKey: canary + " ", SecretKey: canary + "\n"},
		WithBalanceRefundPath(canary))
	checkRedacted(t, "New", []string{err.Error()})
}

func TestSecretsAndPersonalDataPrintRedacted(t *testing.T) {
	t.Parallel()
	fund := testFundRequest()
	fund.Session, fund.AccessToken = Session{SessionToken: canary, MemberIdentifier: canary}, canary
	fund.Buyer.Name, fund.BillingAddress.Address, fund.ShippingAddress = canary, canary, &Address{Address: canary}
	values := []any{Secret(canary), struct{ S Secret }{canary}, []Secret{canary}, map[string]Secret{"k": canary}, fund, &fund, fund.Buyer, fund.BillingAddress,
		BalanceRefund{Token: canary}, AccessToken{AccessToken: canary}, SessionPayment{Token: canary, Session: fund.Session}, LastPayment{Token: canary}}
	for _, v := range values {
		name := fmt.Sprintf("%T", v)
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
			checkRedacted(t, name+" "+verb, []string{fmt.Sprintf(verb, v)})
		}
		var buffer bytes.Buffer
		slog.New(slog.NewTextHandler(&buffer, nil)).Info("x", "v", v)
		slog.New(slog.NewJSONHandler(&buffer, nil)).Info("x", "v", v)
		checkRedacted(t, name+" slog", []string{buffer.String()})
	}
	for _, v := range values[:4] {
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		checkRedacted(t, "JSON", []string{string(encoded)})
	}
	text, err := Secret(canary).MarshalText()
	if err != nil || string(text) != redacted {
		t.Errorf("text: got %s, %v", text, err)
	}
	if Secret(canary).Reveal() != canary || Secret("").String() != "" || Secret(canary).String() != redacted || Secret(canary).GoString() != redacted {
		t.Error("a secret says the wrong thing")
	}
}

func TestErrorsSayWhatMatters(t *testing.T) {
	t.Parallel()
	_, err := answeringClient(t, 400, `{"status":"failure","errorCode":"10051","errorGroup":"NOT_SUFFICIENT_FUNDS","retryable":false}`).Refund(testContext(t), testRefundRequest())
	if want := "iyzico: POST /payment/refund: rejected (refused), HTTP 400, code 10051, conversation conv-1"; err.Error() != want {
		t.Errorf("got %q", err)
	}
	encoded, marshalErr := json.Marshal(err)
	if want := `{"outcome":"rejected","reason":"refused","method":"POST","endpoint":"/payment/refund","conversationId":"conv-1","httpStatus":400,"errorCode":"10051","errorGroup":"NOT_SUFFICIENT_FUNDS","retryable":false}`; marshalErr != nil || string(encoded) != want {
		t.Errorf("got %s, %v", encoded, marshalErr)
	}
}
