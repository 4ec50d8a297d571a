package psp_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// bench is a gateway on a fake iyzico over loopback.
type bench struct {
	gateway *psp.Gateway
	fake    *iyzicotest.Server
	url     string
}

func setup(t *testing.T) *bench {
	t.Helper()
	fake, err := iyzicotest.New(iyzicotest.Config{Seed: true})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(fake)
	t.Cleanup(func() { server.Close(); fake.Close() })
	return &bench{gateway: gatewayOn(t, server.URL), fake: fake, url: server.URL}
}

func gatewayOn(t *testing.T, url string) *psp.Gateway {
	t.Helper()
	client, err := iyzico.New(iyzico.Config{BaseURL: url, APIKey: iyzicotest.DefaultAPIKey, SecretKey: iyzicotest.DefaultSecretKey})
	if err != nil {
		t.Fatal(err)
	}
	return psp.New(client, slog.New(slog.NewTextHandler(io.Discard, nil)), time.Now)
}

func (b *bench) fault(t *testing.T, body string) {
	t.Helper()
	resp, err := http.Post(b.url+"/_fake/faults", "application/json", strings.NewReader(body))
	if err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("fault %s: %v %v", body, resp, err)
	}
	resp.Body.Close()
}

func call(api payment.API, paymentID, lineID, amount string) payment.Call {
	return payment.Call{
		Account: payment.PaymentAccount(paymentID), OperationID: "rf_x", Attempt: 1, ConversationID: "rf_x-1", API: api,
		PaymentID: paymentID, LineID: lineID, Amount: money.New(decimal.RequireFromString(amount), money.TRY),
		Deadline: time.Now().Add(5 * time.Second), Command: payment.Command{Locale: "tr"},
	}
}

func TestSendMapsEveryCallAndVerdict(t *testing.T) {
	t.Parallel()
	const line, threeLines = "20000001", "10000002"
	for name, c := range map[string]struct {
		fault string
		call  payment.Call
		want  payment.Verdict
		sent  int
	}{
		"refund":         {"", call(payment.APIRefund, "10000001", line, "10"), payment.VerdictSucceeded, 1},
		"refund v2":      {"", call(payment.APIRefundV2, threeLines, "", "150"), payment.VerdictSucceeded, 1},
		"charged":        {"", call(payment.APIRefundChargedToMerchant, "10000001", line, "10"), payment.VerdictSucceeded, 1},
		"charged, lost":  {`{"path":"/payment/iyzipos/refund/merchant/charge","mode":"reset-after"}`, call(payment.APIRefundChargedToMerchant, "10000001", line, "10"), payment.VerdictUnknown, 1},
		"charged, wrong": {`{"path":"*","mode":"wrong-echo"}`, call(payment.APIRefundChargedToMerchant, "10000001", line, "10"), payment.VerdictUnknown, 1},
		"charged, mute":  {`{"path":"/payment/iyzipos/refund/merchant/charge","mode":"missing-echo"}`, call(payment.APIRefundChargedToMerchant, "10000001", line, "10"), payment.VerdictUnknown, 1},
		"charged, no":    {`{"path":"*","mode":"refuse","errorCode":"10051"}`, call(payment.APIRefundChargedToMerchant, "10000001", line, "10"), payment.VerdictRejected, 0},
		"cancel":         {"", call(payment.APICancel, "10000003", "", "75"), payment.VerdictSucceeded, 1},
		"answer lost":    {`{"path":"/payment/refund","mode":"reset-after"}`, call(payment.APIRefund, "10000001", line, "10"), payment.VerdictUnknown, 1},
		"listed refusal": {`{"path":"/payment/refund","mode":"refuse","errorCode":"10051"}`, call(payment.APIRefund, "10000001", line, "10"), payment.VerdictRejected, 0},
		"unknown code":   {`{"path":"/payment/refund","mode":"refuse","errorCode":"5999"}`, call(payment.APIRefund, "10000001", line, "10"), payment.VerdictUnknown, 0},
		"rate limit":     {`{"path":"/payment/refund","mode":"rate-limit"}`, call(payment.APIRefund, "10000001", line, "10"), payment.VerdictNotSent, 0},
		"wrong echo":     {`{"path":"/payment/cancel","mode":"wrong-echo"}`, call(payment.APICancel, "10000003", "", "75"), payment.VerdictUnknown, 1},
		"bad signature":  {`{"path":"/v2/payment/refund","mode":"bad-signature"}`, call(payment.APIRefundV2, threeLines, "", "1"), payment.VerdictUnknown, 1},
		"no such call":   {"", call(payment.API("transfer"), "10000001", line, "1"), payment.VerdictNotSent, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if c.fault != "" {
				b.fault(t, c.fault)
			}
			got := b.gateway.Send(context.Background(), c.call)
			if got.Verdict != c.want {
				t.Errorf("verdict = %v (%+v), want %v", got.Verdict, got.Failure, c.want)
			}
			moved := 0
			for _, e := range b.fake.Ledger().Executions(c.call.PaymentID) {
				if e.ConversationID == c.call.ConversationID {
					moved++
				}
			}
			if moved != c.sent {
				t.Errorf("%d executions, want %d", moved, c.sent)
			}
			if (got.Failure == nil) != (c.want == payment.VerdictSucceeded) {
				t.Errorf("failure = %+v", got.Failure)
			}
			if name == "rate limit" && (got.Failure.Reason != payment.ReasonRateLimited || got.RetryAfter <= 0) {
				t.Errorf("rate limit = %+v, after %s", got.Failure, got.RetryAfter)
			}
			if name == "charged" && (got.Proof.SignatureVerified || got.Proof.RefundHostReference == "") {
				t.Errorf("proof = %+v", got.Proof)
			}
			for _, e := range b.fake.Ledger().Executions(c.call.PaymentID) {
				if charged := e.Path == iyzicotest.PathMerchantCharge; e.ConversationID == c.call.ConversationID && charged != (c.call.API == payment.APIRefundChargedToMerchant) {
					t.Errorf("sent to %s", e.Path)
				}
			}
			if name == "refund" && (!got.Proof.SignatureVerified || got.Proof.AuthCode == "") {
				t.Errorf("proof = %+v", got.Proof)
			}
		})
	}
}

func TestSendOnAClosedPortIsNotSent(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	gateway := gatewayOn(t, server.URL)
	server.Close()
	got := gateway.Send(context.Background(), call(payment.APIRefund, "10000001", "20000001", "1"))
	if got.Verdict != payment.VerdictNotSent {
		t.Errorf("verdict = %v, %+v", got.Verdict, got.Failure)
	}
}

func TestReadMapsTheReport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if sent := b.gateway.Send(context.Background(), call(payment.APIRefund, "10000002", "20000003", "12.5")); sent.Verdict != payment.VerdictSucceeded {
		t.Fatalf("refund: %+v", sent.Failure)
	}
	got, err := b.gateway.Read(context.Background(), payment.Query{PaymentID: "10000002"})
	if err != nil {
		t.Fatal(err)
	}
	if !got.Listed || !got.Charged || got.PreAuth || got.Currency != money.TRY || len(got.Lines) != 3 || got.PaidAt.IsZero() {
		t.Errorf("report = %+v", got)
	}
	if len(got.Entries) != 1 || got.Entries[0].ConversationID != "rf_x-1" || got.Entries[0].LineID != "20000003" ||
		!got.Entries[0].Amount.Equal(money.MinorUnits(1250, money.TRY)) || got.Entries[0].Status != 1 || got.Entries[0].TxID == "" {
		t.Errorf("entries = %+v", got.Entries)
	}
}

func TestReadShowsACancelAndWhatIsNotCharged(t *testing.T) {
	t.Parallel()
	b := setup(t)
	if sent := b.gateway.Send(context.Background(), call(payment.APICancel, "10000003", "", "75")); sent.Verdict != payment.VerdictSucceeded {
		t.Fatalf("cancel: %+v", sent.Failure)
	}
	got, err := b.gateway.Read(context.Background(), payment.Query{PaymentID: "10000003"})
	if err != nil || len(got.Entries) != 1 || !got.Entries[0].Cancel || got.Entries[0].LineID != "" {
		t.Errorf("cancelled payment = %+v, %v", got.Entries, err)
	}
	if unpaid, err := b.gateway.Read(context.Background(), payment.Query{PaymentID: "10000008"}); err != nil || unpaid.Charged {
		t.Errorf("unpaid payment = %+v, %v", unpaid, err)
	}
}

func TestReadTellsUnknownFromUnreadable(t *testing.T) {
	t.Parallel()
	const report, detail = "/v2/reporting/payment/details", "/payment/detail"
	for name, c := range map[string]struct {
		paymentID string
		faults    []string
		want      payment.Code
		listed    bool
	}{
		"known":                                {"10000001", nil, "", true},
		"unknown":                              {"99", nil, payment.CodeNotFound, false},
		"report away":                          {"10000001", []string{report + " status-500-before"}, payment.CodeUnavailable, false},
		"report refuses, known":                {"10000001", []string{report + " refuse 5001"}, payment.CodeUnavailable, false},
		"report knows it not, and detail does": {"10000001", []string{report + " refuse 5086"}, payment.CodeUnavailable, false},
		"report refuses keys":                  {"99", []string{report + " refuse 1001"}, payment.CodeUnavailable, false},
		"report limit":                         {"10000001", []string{report + " rate-limit"}, payment.CodeRateLimited, false},
		"system error":                         {"99", []string{detail + " refuse 1"}, payment.CodeUnavailable, false},
		"credentials":                          {"99", []string{detail + " refuse 1003"}, payment.CodeUnavailable, false},
		"bank error":                           {"99", []string{detail + " refuse 10051"}, payment.CodeUnavailable, false},
		"detail away":                          {"99", []string{detail + " html-502"}, payment.CodeUnavailable, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			for _, f := range c.faults {
				words := strings.Fields(f)
				body := map[string]string{"path": words[0], "mode": words[1]}
				if len(words) > 2 {
					body["errorCode"] = words[2]
				}
				text, _ := json.Marshal(body)
				b.fault(t, string(text))
			}
			got, err := b.gateway.Read(context.Background(), payment.Query{PaymentID: c.paymentID})
			if payment.CodeOf(err) != c.want || got.Listed != c.listed {
				t.Errorf("Read = listed %v, %v; want %q", got.Listed, err, c.want)
			}
		})
	}
}

func TestReadFallsBackToDetailWhileTheReportLags(t *testing.T) {
	t.Parallel()
	b := setup(t)
	request, _ := http.NewRequest(http.MethodPut, b.url+"/_fake/settings", strings.NewReader(`{"reportingLagMs":3600000}`))
	if resp, err := http.DefaultClient.Do(request); err != nil || resp.StatusCode/100 != 2 {
		t.Fatalf("settings: %v %v", resp, err)
	}
	got, err := b.gateway.Read(context.Background(), payment.Query{PaymentID: "10000001"})
	if err != nil || got.Listed || !got.Charged || len(got.Lines) != 1 || !got.PaidAt.IsZero() {
		t.Errorf("report = %+v, %v", got, err)
	}
}

func TestScrubLeavesNoPersonInAMessage(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.fault(t, `{"path":"/payment/refund","mode":"refuse","errorCode":"10051"}`)
	got := b.gateway.Send(context.Background(), call(payment.APIRefund, "10000001", "20000001", "1"))
	if got.Failure == nil || got.Failure.Code != "10051" || len(got.Failure.Message) > 300 {
		t.Errorf("failure = %+v", got.Failure)
	}
}
