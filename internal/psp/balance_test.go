package psp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
)

// fakePages signs and seals visibly, or fails.
type fakePages struct {
	callbackErr, sealErr error
	operationID, url     string
}

func (p *fakePages) CallbackURL(_ context.Context, operationID string, _ time.Time) (string, error) {
	return "http://127.0.0.1:8080/balance-callback/" + operationID, p.callbackErr
}

func (p *fakePages) Seal(_ context.Context, operationID, url string) (string, error) {
	p.operationID, p.url = operationID, url
	return "sealed", p.sealErr
}

func TestABalanceRefundOpensACustomersPage(t *testing.T) {
	t.Parallel()
	b, pages := setup(t), &fakePages{}
	c := call(payment.APIBalanceInit, "10000001", "", "100")
	got := b.gateway.WithPages(pages).Send(context.Background(), c)
	if got.Verdict != payment.VerdictOpened || got.Opened == nil || got.Opened.SealedURL != "sealed" || got.Failure != nil {
		t.Fatalf("%+v", got)
	}
	token := pages.url[strings.LastIndexByte(pages.url, '/')+1:]
	if got.Opened.TokenHash != payment.HashToken(token) || pages.operationID != c.OperationID {
		t.Errorf("hash %q of the token in %s", got.Opened.TokenHash, pages.url)
	}
	if strings.Contains(fmt.Sprintf("%+v %+v", got, *got.Opened), token) {
		t.Error("the token leaves the gateway")
	}
	opened, ok := b.fake.Ledger().BalanceRefund(token)
	if !ok || opened.CallbackURL != "http://127.0.0.1:8080/balance-callback/rf_x" || opened.ConversationID != "rf_x-1" || opened.Locale != "tr" {
		t.Errorf("iyzico was told %+v", opened)
	}
}

func TestAnInitThatOpensNothing(t *testing.T) {
	t.Parallel()
	const path = `"path":"/payment/refund-to-balance/init"`
	for name, c := range map[string]struct {
		fault string
		pages *fakePages
		want  payment.Verdict
	}{
		"lost":              {`{` + path + `,"mode":"reset-after"}`, &fakePages{}, payment.VerdictUnknown},
		"not JSON":          {`{` + path + `,"mode":"html-502"}`, &fakePages{}, payment.VerdictUnknown},
		"another echo":      {`{` + path + `,"mode":"wrong-echo"}`, &fakePages{}, payment.VerdictUnknown},
		"listed refusal":    {`{` + path + `,"mode":"refuse","errorCode":"10051"}`, &fakePages{}, payment.VerdictRejected},
		"rate limit":        {`{` + path + `,"mode":"rate-limit"}`, &fakePages{}, payment.VerdictNotSent},
		"no callback":       {"", &fakePages{callbackErr: errors.New("no key")}, payment.VerdictNotSent},
		"url is not sealed": {"", &fakePages{sealErr: errors.New("no key")}, payment.VerdictUnknown},
		"not set up":        {"", nil, payment.VerdictNotSent},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			if c.fault != "" {
				b.fault(t, c.fault)
			}
			gateway := b.gateway
			if c.pages != nil {
				gateway = gateway.WithPages(c.pages)
			}
			got := gateway.Send(context.Background(), call(payment.APIBalanceInit, "10000001", "", "100"))
			if got.Verdict != c.want || got.Opened != nil || got.Failure == nil {
				t.Errorf("%v %+v %+v, want %v", got.Verdict, got.Opened, got.Failure, c.want)
			}
		})
	}
}

func TestTheReportSaysWhenNothingIsLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	read := func() payment.Report {
		report, err := b.gateway.Read(context.Background(), payment.Query{PaymentID: "10000001"})
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	for _, price := range []string{"40", "60"} {
		if read().RefundStatus == payment.TotallyRefunded {
			t.Error("totally refunded too early")
		}
		if _, err := b.fake.Ledger().PanelRefund("20000001", decimal.RequireFromString(price)); err != nil {
			t.Fatal(err)
		}
	}
	if read().RefundStatus != payment.TotallyRefunded {
		t.Error("not totally refunded in the end")
	}
}
