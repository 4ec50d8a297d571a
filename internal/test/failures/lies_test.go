package failures

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

const dayListPath = "/v2/reporting/payment/transactions"

// misreported plays a lost answer while iyzico's lists tell what is not so for longer than the settle window. Until they tell the
// truth again nobody may hear a "no"; then the refund, which was executed, is settled.
func misreported(lie func(*iyzicotest.Settings)) func(t *testing.T, w *world, x way) {
	return func(t *testing.T, w *world, x way) {
		t.Helper()
		a := x.ask(w)
		w.fault(x.path, "reset-after")
		w.process().deliver(a, overHTTP).is(t, http.StatusAccepted, "unknown")
		w.set(lie)
		w.minutes(150, w.process())
		switch v := w.show(a).Status; v {
		case payment.StatusUnknown, payment.StatusNeedsReview, payment.StatusSucceeded:
		default:
			t.Errorf("it is %s while iyzico's lists cannot be relied on", v)
		}
		w.set(func(s *iyzicotest.Settings) {
			s.Report, s.DayList, s.HideConversationIDs = iyzicotest.ReportLies{}, iyzicotest.DayListLies{}, false
		})
	}
}

// TestFailure31AReportThatContradictsItself: it leaves out entries or a line, lists the payment twice, or says of entries less
// than they need.
func TestFailure31AReportThatContradictsItself(t *testing.T) {
	t.Parallel()
	status := func(n int) *int { return &n }
	for name, lies := range map[string]iyzicotest.ReportLies{
		"without its entries": {HideEntries: true}, "without a line": {DropLine: iyzicotest.AnyLine}, "listed twice": {DuplicatePayment: true},
		"entries that say nothing": {EmptyEntries: true}, "without dates": {NoDates: true},
		"refundStatus 0": {RefundStatus: status(0)}, "refundStatus 2": {RefundStatus: status(2)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, misreported(func(s *iyzicotest.Settings) { s.Report = lies }))
		})
	}
}

// TestFailure32AnOldReport: the report was made before the request, and says so.
func TestFailure32AnOldReport(t *testing.T) {
	t.Parallel()
	for _, age := range []time.Duration{30 * time.Minute, 6 * time.Hour} {
		t.Run("by "+age.String(), func(t *testing.T) {
			t.Parallel()
			everyWay(t, misreported(func(s *iyzicotest.Settings) { s.Report.StaleMS = age.Milliseconds() }))
		})
	}
}

// TestFailure33IDsHiddenOrSpelledOtherwise: iyzico's lists show our conversation ids in upper case, without a date, or not at all.
func TestFailure33IDsHiddenOrSpelledOtherwise(t *testing.T) {
	t.Parallel()
	for name, lie := range map[string]func(*iyzicotest.Settings){
		"upper case":                   func(s *iyzicotest.Settings) { s.Report.UpperCaseIDs, s.DayList.UpperCaseIDs = true, true },
		"upper case and without dates": func(s *iyzicotest.Settings) { s.Report.UpperCaseIDs, s.Report.NoDates = true, true },
		"hidden":                       func(s *iyzicotest.Settings) { s.HideConversationIDs = true },
		"hidden and without dates":     func(s *iyzicotest.Settings) { s.HideConversationIDs, s.Report.NoDates = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, misreported(lie))
		})
	}
}

// TestFailure34ADayListThatIsNotWhole: the second source cannot be read to its end, or lacks rows.
func TestFailure34ADayListThatIsNotWhole(t *testing.T) {
	t.Parallel()
	for name, lies := range map[string]iyzicotest.DayListLies{
		"half of its rows": {Half: true}, "without its newest movement": {DropRow: true}, "old": {StaleMS: (6 * time.Hour).Milliseconds()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			everyWay(t, misreported(func(s *iyzicotest.Settings) { s.DayList = lies }))
		})
	}
	t.Run("cannot be read for three hours", func(t *testing.T) {
		t.Parallel()
		play(t, func(w *world) {
			a := w.refund(w.known(), "10.00").ends(payment.StatusNotExecuted, 1)
			w.fault(refundPath, "reset-before")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
			w.fault(dayListPath, "html-502", times(0))
			w.minutes(180, w.process())
			if v := w.show(a).Status; v != payment.StatusUnknown {
				w.t.Errorf("it is %s though only one source has spoken", v)
			}
			w.fake.ClearFaults()
		})
	})
}

// TestFailure35AllOfAPaymentOnItsDay: iyzico carries a Refund v2 of all out as a cancel, to the last part of a minor unit.
func TestFailure35AllOfAPaymentOnItsDay(t *testing.T) {
	t.Parallel()
	for _, list := range []string{iyzicotest.ListCancels, iyzicotest.ListRefunds} {
		for _, mode := range []string{"slow", "reset-after"} {
			t.Run(list+", "+mode, func(t *testing.T) {
				t.Parallel()
				play(t, func(w *world) {
					w.set(func(s *iyzicotest.Settings) { s.SameDayRefundIn = list })
					pay := w.payment("0.30599401", "9.90400599")
					a := w.refundAll(pay)
					w.fault(refundV2Path, mode)
					w.process().deliver(a, overHTTP)
					w.minutes(5, w.process())
					if r := w.show(a); r.Status != payment.StatusSucceeded || r.RefundedAmount != "10.21" {
						w.t.Errorf("%s, %s refunded", r.Status, r.RefundedAmount)
					}
				})
			})
		}
	}
}

// TestFailure36ALegAfterAPanelRefund: the second leg is postponed by iyzico's limit; meanwhile its line is refunded in the panel.
func TestFailure36ALegAfterAPanelRefund(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		pay := w.payment("50.00", "30.00", "20.00")
		a := w.refundAll(pay).ends(payment.StatusPartiallySucceeded, 2) // the second is refused by the limit
		w.fault(refundPath, "slow")
		w.fault(refundPath, "rate-limit")
		w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "processing")
		if _, err := w.fake.Ledger().PanelRefund(pay.lines[1], amount("30.00")); err != nil {
			w.t.Fatal(err)
		}
		w.process().post("/operations/"+a.id+"/check", "").is(w.t, http.StatusOK, "")
		time.Sleep(2 * time.Minute)
		w.process().deliver(a, overHTTP)
	})
}

// TestFailure37AccountNearlyFull: as many operations of unknown outcome as a payment may have, with the longest keys and
// references: each was accepted, so each is answered, settled and told.
func TestFailure37AccountNearlyFull(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		pay := w.payment("1000.00")
		long := strings.Repeat("ğ", 100)
		for i := range 20 {
			a := w.refund(pay, "1.00", `,"reference":"`+long+`"`)
			a.rename(fmt.Sprintf("%0255d", i))
			w.fault(refundPath, "reset-after")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
			time.Sleep(5 * time.Second)
		}
		w.process().request(context.Background(), overHTTP, http.MethodPost, "/refunds", `{"paymentId":"`+pay.id+`","amount":"1.00"}`, "one-more").
			is(w.t, http.StatusUnprocessableEntity, "too-many-operations")
	})
}

// newer is a store whose accounts a newer version wrote, for a while.
type newer struct {
	store
	on bool
}

func (n *newer) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	account, err := n.store.Load(ctx, id)
	if !n.on || err != nil || account.Version == 0 {
		return account, err
	}
	image, err := payment.EncodeAccount(account)
	if err != nil {
		return account, err
	}
	return payment.DecodeAccount(bytes.Replace(image, []byte(`"s":"`), []byte(`"s":"disputed_`), 1))
}

// TestFailure38WrittenByANewerVersion: a version that was rolled back finds an account with a state that it does not know. It
// touches nothing rather than forget a reservation.
func TestFailure38WrittenByANewerVersion(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		pay := w.known()
		forms := &newer{store: w.store, on: true}
		w.store = forms
		a := w.refund(pay, "10.00")
		w.process().deliver(a, overHTTP).is(w.t, http.StatusServiceUnavailable, "unavailable")
		for _, e := range []entry{overQueue, overBus} {
			if told := w.process().deliver(a, e); !told.back {
				w.t.Errorf("a command from a queue did not come back: %+v", told)
			}
		}
		if n := w.sent(a.id); n > 0 {
			w.t.Errorf("%d requests were sent on an account that cannot be read", n)
		}
		forms.on = false
	})
}

// TestFailure39ReadsThatStarveOthers: reads that hang take the passes' time; what can be read is settled all the same, and all of
// it in the end.
func TestFailure39ReadsThatStarveOthers(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		for range 8 {
			a := w.refund(w.payment(), "10.00")
			w.fault(refundPath, "reset-after")
			w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		}
		w.fault(reportPath, "hang-before", times(30))
		w.minutes(240, w.process())
		for _, a := range w.asked {
			if v := w.show(a).Status; v != payment.StatusSucceeded {
				w.t.Errorf("%s is %s after four hours", a.id, v)
			}
		}
	})
}

// TestFailure40WhatIyzicoNeedNotList: a refund charged to the merchant whose answer was lost. iyzico documents no report of such
// refunds: it may list one like any other, without our id, or nowhere. Whatever it does, nobody sends it again, and it never ends as
// not executed but by a person's word.
func TestFailure40WhatIyzicoNeedNotList(t *testing.T) {
	t.Parallel()
	for _, in := range []string{iyzicotest.ChargeInRefunds, iyzicotest.ChargeUnnamed, iyzicotest.ChargeNowhere} {
		for _, mode := range []string{"reset-after", "reset-before"} {
			t.Run(in+", "+mode, func(t *testing.T) {
				t.Parallel()
				play(t, func(w *world) {
					w.set(func(s *iyzicotest.Settings) { s.MerchantChargeIn = in })
					a := w.refund(w.payment(), "10.00", `,"chargedTo":"merchant"`).ends(payment.StatusNeedsReview, 1)
					if in == iyzicotest.ChargeInRefunds && mode == "reset-after" {
						a.ends(payment.StatusSucceeded, 1)
					}
					w.fault(chargePath, mode)
					w.process().deliver(a, overHTTP).is(w.t, http.StatusAccepted, "unknown")
				})
			})
		}
	}
}
