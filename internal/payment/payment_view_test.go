package payment_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
)

func TestAPaymentIsShownForWhatItIs(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for name, tc := range map[string]struct {
		change     func(*payment.Report)
		status     payment.PaymentStatus
		why        payment.NotRefundable
		refundable string
		until      time.Duration // after the payment; 0 = not shown
	}{
		"paid":                  {func(*payment.Report) {}, payment.PaymentPaid, "", "100.00", 365 * day},
		"not charged":           {func(r *payment.Report) { r.Charged = false }, payment.PaymentUnpaid, payment.NotRefundableNotCharged, "0.00", 0},
		"a hold":                {func(r *payment.Report) { r.PreAuth = true }, payment.PaymentAuthorized, payment.NotRefundableNotCharged, "0.00", 0},
		"a hold that failed":    {func(r *payment.Report) { r.PreAuth, r.Charged = true, false }, payment.PaymentUnpaid, payment.NotRefundableNotCharged, "0.00", 0},
		"of 365 days ago":       {func(r *payment.Report) { r.PaidAt = opening.Add(-365 * day) }, payment.PaymentPaid, "", "100.00", 365 * day},
		"older":                 {func(r *payment.Report) { r.PaidAt = opening.Add(-365*day - time.Second) }, payment.PaymentPaid, payment.NotRefundableTooOld, "0.00", 365 * day},
		"cancelled":             {func(r *payment.Report) { r.Entries = panelEntries("cancel", "100") }, payment.PaymentCancelled, payment.NotRefundableCancelled, "0.00", 0},
		"cancelled and older":   {func(r *payment.Report) { r.Entries, r.PaidAt = panelEntries("cancel", "100"), opening.Add(-400*day) }, payment.PaymentCancelled, payment.NotRefundableCancelled, "0.00", 0},
		"refunded in the panel": {func(r *payment.Report) { r.Entries = panelEntries("refund", "100") }, payment.PaymentRefunded, "", "0.00", 365 * day},
		"refunded, says the report, and not charged": {func(r *payment.Report) { r.Entries, r.Charged = panelEntries("refund", "40"), false },
			payment.PaymentPartiallyRefunded, payment.NotRefundableNotCharged, "0.00", 0},
		"known by detail alone": {func(r *payment.Report) { r.Listed, r.PaidAt = false, time.Time{} }, payment.PaymentPaid, "", "100.00", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "100")
			tc.change(&w.iyzico)
			view, err := w.service.Payment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second))
			if err != nil || view.Status != tc.status || view.NotRefundable != tc.why || view.RefundableAmount != tc.refundable || view.Lines[0].RefundableAmount != tc.refundable {
				t.Fatalf("%+v, %v", view, err)
			}
			want := time.Time{}
			if tc.until > 0 {
				want = w.iyzico.PaidAt.Add(tc.until)
			}
			if !view.RefundableUntil.Equal(want) || !view.ReadAt.Equal(w.Now()) {
				t.Errorf("refundable until %s, want %s; read at %s", view.RefundableUntil, want, view.ReadAt)
			}
			// What is shown is what a refund would be told.
			_, err = w.service.Preview(t.Context(), refund("k", "0.01"), w.Now().Add(20*time.Second))
			if refused := payment.CodeOf(err) == payment.CodeNotRefundable; refused != (tc.why != "") {
				t.Errorf("%s, and a refund is told %v", view.NotRefundable, err)
			}
		})
	}
}

// panelEntries are refunds, or cancels, that the merchant made in iyzico's panel.
func panelEntries(kind string, sums ...string) []payment.Entry {
	var entries []payment.Entry
	for i, sum := range sums {
		e := payment.Entry{TxID: "panel" + lineID(i), LineID: lineID(i), Amount: amount(sum), Status: 1, CreatedAt: opening.Add(-time.Minute)}
		if kind == "cancel" {
			e.Cancel, e.LineID = true, ""
		}
		entries = append(entries, e)
	}
	return entries
}

// sumsUp holds operations and other movements against what is shown as refunded.
func sumsUp(t *testing.T, view payment.PaymentView) {
	t.Helper()
	sum := decimal.Zero
	for _, op := range view.Operations {
		sum = sum.Add(decimal.RequireFromString(op.RefundedAmount))
	}
	for _, m := range view.OtherMovements {
		sum = sum.Add(decimal.RequireFromString(m.Amount))
	}
	if sum.StringFixed(2) != view.RefundedAmount {
		t.Errorf("refunded %s, and the parts make up %s: %+v", view.RefundedAmount, sum, view.OtherMovements)
	}
}

func TestOperationsAndOtherMovementsMakeUpWhatWasRefunded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "33.33333333", "33.33333333", "33.33333334")
	w.iyzico.Entries = panelEntries("refund", "33.33333333", "33.33333333", "3.33333334")
	w.iyzico.Entries[1].CreatedAt, w.iyzico.Entries[1].Status = time.Time{}, 2 // a failed attempt is no movement
	view, err := w.service.Payment(t.Context(), paymentID, 0, w.Now())
	if err != nil || view.RefundedAmount != "36.66" || len(view.OtherMovements) != 2 || view.OtherMovements[1].Amount != "3.33" {
		t.Fatalf("%+v, %v", view, err)
	}
	sumsUp(t, view)
	w.iyzico.Entries[1].Status = 1
	if view, err = w.service.Payment(t.Context(), paymentID, 0, w.Now()); err != nil || view.RefundedAmount != "70.00" || view.OtherMovements[1].Amount != "33.33" || view.OtherMovements[2].Amount != "3.34" {
		t.Fatalf("%+v, %v", view, err)
	}
	if m := view.OtherMovements[1]; m.Kind != payment.KindRefund || m.RefundTxID != "panel2" || m.PaymentTransactionID != "2" || !m.At.IsZero() {
		t.Errorf("%+v", m)
	}
	sumsUp(t, view)
	w.must(onLine(refund("k", "10"), "3"), payment.StatusSucceeded)
	if view, err = w.service.Payment(t.Context(), paymentID, 0, w.Now()); err != nil || view.RefundedAmount != "80.00" || len(view.OtherMovements) != 3 {
		t.Fatalf("%+v, %v", view, err)
	}
	sumsUp(t, view)
}

func TestACancelInThePanelStandsForAllThatNothingElseTook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.must(refund("k", "30"), payment.StatusSucceeded)
	w.iyzico.Entries = append(w.iyzico.Entries, panelEntries("cancel", "70", "70")...)
	w.iyzico.Entries[2].TxID = ""
	view, err := w.service.RefreshPayment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second))
	if err != nil || view.Status != payment.PaymentCancelled || view.RefundedAmount != "100.00" || len(view.OtherMovements) != 2 {
		t.Fatalf("%+v, %v", view, err)
	}
	if a, b := view.OtherMovements[0], view.OtherMovements[1]; a.Kind != payment.KindCancel || a.Amount != "70.00" || b.Amount != "0.00" || b.RefundTxID != "" {
		t.Errorf("%+v", view.OtherMovements)
	}
	sumsUp(t, view)
}

func TestARefreshTakesOverWhatIyzicoShows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("k", "10"), payment.StatusUnknown)
	w.iyzico.Entries = append(panelEntries("refund", "5"), payment.Entry{
		TxID: "tx", LineID: "1", ConversationID: conversation("k", 1), Amount: amount("10"), Status: 1, CreatedAt: w.Now(),
	})
	w.wait(time.Minute)
	w.did()
	view, err := w.service.RefreshPayment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second))
	if err != nil || view.RefundedAmount != "15.00" || view.Operations[0].Status != payment.StatusSucceeded || !view.ReadAt.Equal(w.Now()) {
		t.Fatalf("%+v, %v", view, err)
	}
	if got := w.did(); !slices.Contains([]string{"load read load save2 load", "load read load save3 load"}, got) {
		t.Error(got)
	}
	if stored := w.account().View(0, w.Now()); stored.RefundedAmount != "15.00" {
		t.Errorf("%+v", stored)
	}
	// Nothing new: nothing is saved, and the answer says when it was read.
	w.wait(time.Minute)
	if view, err = w.service.RefreshPayment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second)); err != nil || !view.ReadAt.Equal(w.Now()) || w.did() != "load read load load" {
		t.Errorf("%+v, %v", view, err)
	}
}

func TestARefreshThatCannotReadChangesNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		read func(w *world) (payment.Report, error)
		want payment.Code
	}{
		"not found": {func(*world) (payment.Report, error) {
			return payment.Report{}, &payment.Error{Code: payment.CodeNotFound}
		}, payment.CodeUnavailable},
		"over the limit": {func(*world) (payment.Report, error) {
			return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited}
		}, payment.CodeRateLimited},
		"detail alone":    {func(w *world) (payment.Report, error) { r := w.report(); r.Listed = false; return r, nil }, payment.CodeUnavailable},
		"another payment": {func(w *world) (payment.Report, error) { r := w.report(); r.PaymentID = "7"; return r, nil }, payment.CodeUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "100")
			w.must(refund("k", "10"), payment.StatusSucceeded)
			before := w.account().Version
			w.read = func(q payment.Query) (payment.Report, error) {
				if q.Purpose != payment.PurposeInteractive {
					t.Errorf("%+v", q)
				}
				return tc.read(w)
			}
			if view, err := w.service.RefreshPayment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second)); payment.CodeOf(err) != tc.want {
				t.Errorf("%+v, %v", view, err)
			}
			if w.account().Version != before {
				t.Error("it was saved")
			}
			if view, err := w.service.Payment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second)); err != nil || view.RefundedAmount != "10.00" {
				t.Errorf("%+v, %v", view, err)
			}
		})
	}
}

func TestAPaymentIsFoundByTheShopsConversationID(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	found := func(change func(*payment.Report)) (payment.PaymentView, error) {
		w.read = func(q payment.Query) (payment.Report, error) {
			if q.PaymentConversationID != "order-1" || q.PaymentID != "" || q.Purpose != payment.PurposeInteractive {
				t.Errorf("%+v", q)
			}
			r := w.report()
			r.ConversationID, r.PaymentIDs = "order-1", []string{paymentID}
			change(&r)
			return r, nil
		}
		defer func() { w.read = nil }()
		return w.service.PaymentByConversation(context.Background(), "order-1", 0, w.Now().Add(5*time.Second))
	}
	if view, err := found(func(*payment.Report) {}); err != nil || view.PaymentID != paymentID || len(w.accounts) != 0 {
		t.Errorf("%+v, %v", view, err)
	}
	w.must(refund("k", "10"), payment.StatusSucceeded)
	w.iyzico.Entries = append(w.iyzico.Entries, panelEntries("refund", "5")...)
	if view, err := found(func(*payment.Report) {}); err != nil || view.RefundedAmount != "15.00" || len(view.Operations) != 1 {
		t.Errorf("%+v, %v", view, err)
	}
	_, err := found(func(r *payment.Report) { r.PaymentIDs = []string{paymentID, "7"} })
	var refused *payment.Error
	if payment.CodeOf(err) != payment.CodeAmbiguous || !errors.As(err, &refused) || !slices.Equal(refused.PaymentIDs, []string{paymentID, "7"}) {
		t.Errorf("%v", err)
	}
	for name, change := range map[string]func(*payment.Report){
		"another conversation id": func(r *payment.Report) { r.ConversationID = "order-2" },
		"no payment id":           func(r *payment.Report) { r.PaymentID = "" },
	} {
		if view, err := found(change); payment.CodeOf(err) != payment.CodeUnavailable {
			t.Errorf("%s: %+v, %v", name, view, err)
		}
	}
}
