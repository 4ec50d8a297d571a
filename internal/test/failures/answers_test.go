package failures

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
)

// prices are iyzico's amounts in an answer, as text or number.
var prices = regexp.MustCompile(`"(price|paidPrice|refundPrice)":"?([0-9.Ee+-]+)"?`)

// TestFailure28AnswersWrittenDifferently: iyzico's documents, clients and sandbox disagree on how answers are written.
// Whatever can be read is read by value, and what cannot is unknown.
func TestFailure28AnswersWrittenDifferently(t *testing.T) {
	t.Parallel()
	rewritten := func(pattern string, to func(parts []string) string) func([]byte) []byte {
		find := regexp.MustCompile(pattern)
		return func(body []byte) []byte {
			return find.ReplaceAllFunc(body, func(found []byte) []byte {
				parts := find.FindStringSubmatch(string(found))
				return []byte(to(parts))
			})
		}
	}
	amounts := func(write func(decimal.Decimal) string) func([]byte) []byte {
		return rewritten(prices.String(), func(p []string) string { return `"` + p[1] + `":` + write(decimal.RequireFromString(p[2])) })
	}
	added := func(body []byte) []byte {
		return []byte(strings.ReplaceAll(string(body), `{"`, `{"brandNew":{"a":[1,null,"x"]},"`))
	}
	for _, x := range []struct {
		name   string
		change func([]byte) []byte
	}{
		{"amounts like 50", amounts(func(d decimal.Decimal) string { return d.String() })},
		{"amounts like 50.0", amounts(func(d decimal.Decimal) string { return d.StringFixed(1) })},
		{"amounts like 1.00000000", amounts(func(d decimal.Decimal) string { return d.StringFixed(8) })},
		{"amounts as text", amounts(func(d decimal.Decimal) string { return `"` + d.StringFixed(2) + `"` })},
		{"amounts like 1E+1", amounts(func(d decimal.Decimal) string { return d.Shift(-1).String() + "E+1" })},
		{"commissions like 0E-8", rewritten(`"(iyziCommissionRateAmount|iyziCommissionFee|merchantCommissionRate)":[^,}]+`, func(p []string) string { return `"` + p[1] + `":0E-8` })},
		{"ids as text", rewritten(`"(paymentId|paymentTransactionId|refundTxId|refundId)":([0-9]+)`, func(p []string) string { return `"` + p[1] + `":"` + p[2] + `"` })},
		{"ids as numbers", rewritten(`"(paymentId|paymentTransactionId|refundTxId|refundId)":"([0-9]+)"`, func(p []string) string { return `"` + p[1] + `":` + p[2] })},
		{"fields that are new", added},
	} {
		for _, lost := range []bool{false, true} {
			name := x.name + ", answered"
			if lost {
				name = x.name + ", settled by the report"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				everyWay(t, func(t *testing.T, w *world, y way) {
					a := y.ask(w)
					w.wire.answers(reportPath, x.change)
					if lost {
						w.fault(y.path, "reset-after")
						w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
						return
					}
					w.wire.answers(y.path, x.change)
					w.process().deliver(a, overHTTP).is(t, http.StatusCreated, "succeeded")
				})
			})
		}
	}
	for _, x := range []struct {
		name, mode, code string
		ends             payment.Status
	}{
		{"an unknown code, not executed", "refuse", "5999", payment.StatusNotExecuted},
		{"an unknown code, executed", "refuse-after", "5999", payment.StatusSucceeded},
		{"an unknown code of the bank, executed", "refuse-after", "10999", payment.StatusSucceeded},
		{"an unknown code of sessions, executed", "refuse-after", "269999", payment.StatusSucceeded},
		{"a system error, executed", "refuse-after", "1", payment.StatusSucceeded},
		{"code -1, executed", "refuse-after", "-1", payment.StatusSucceeded},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, y way) {
				a := y.ask(w)
				if a.ends(x.ends, 1); x.ends == payment.StatusNotExecuted {
					a.ends(y.lost, 1)
				}
				w.fault(y.path, x.mode, code(x.code))
				w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			})
		})
	}
	for name, change := range map[string]func([]byte) []byte{
		"a status that is new": rewritten(`"status":"success"`, func([]string) string { return `"status":"accepted"` }),
		"no status":            rewritten(`"status":"success",`, func([]string) string { return "" }),
		"no JSON":              func([]byte) []byte { return []byte("OK") },
		"nothing":              func([]byte) []byte { return nil },
		"two values":           func(body []byte) []byte { return append(body, body...) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, func(t *testing.T, w *world, y way) {
				a := y.ask(w)
				w.wire.answers(y.path, change)
				w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
			})
		})
	}
	t.Run("a refusal whose code is a number", func(t *testing.T) {
		t.Parallel()
		everyWay(t, func(t *testing.T, w *world, y way) {
			a := y.ask(w).ends(payment.StatusRejected, 1)
			w.fault(y.path, "refuse", code("10051"))
			w.wire.answers(y.path, rewritten(`"errorCode":"([0-9]+)"`, func(p []string) string { return `"errorCode":` + p[1] }))
			w.process().deliver(a, overHTTP).is(t, http.StatusUnprocessableEntity, "rejected")
		})
	})
	t.Run("a line that was free, 0E-8", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			pay := w.payment("100.00", "0.00")
			w.wire.answers(reportPath, rewritten(`"(paidPrice|price)":0\.?0*([,}])`, func(p []string) string { return `"` + p[1] + `":0E-8` + p[2] }))
			w.process().deliver(w.refundAll(pay), overHTTP).is(w.t, http.StatusCreated, "succeeded")
		})
	})
}
