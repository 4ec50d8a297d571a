package payment_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

func TestAlarmsAreRaisedOnceForEachCause(t *testing.T) {
	t.Parallel()
	leg := func(state payment.State) payment.Operation {
		return payment.Operation{ID: "rf_1_a", Legs: []payment.Leg{{State: state}}}
	}
	account := func(version int64, op payment.Operation, foreign ...payment.Foreign) payment.Account {
		return payment.Account{Version: version, PaymentID: "1", Operations: []payment.Operation{op}, Foreign: foreign}
	}
	alarmed := leg(payment.StateSucceeded)
	alarmed.Alarmed = true
	panel := payment.Foreign{TxID: "9", Status: 1, Amount: money.MinorUnits(100, money.TRY)}
	failed := payment.Foreign{TxID: "9", Status: 0}
	review, done := leg(payment.StateNeedsReview), leg(payment.StateSucceeded)
	for name, c := range map[string]struct {
		old, next payment.Account
		want      []payment.Alarm
	}{
		"nothing":                    {account(1, done), account(2, done), nil},
		"enters needs_review":        {account(1, leg(payment.StateUnknown)), account(2, review), []payment.Alarm{{Kind: payment.AlarmNeedsReview, PaymentID: "1", OperationID: "rf_1_a"}}},
		"stays in needs_review":      {account(1, review), account(2, review), nil},
		"is contradicted":            {account(1, done), account(2, alarmed), []payment.Alarm{{Kind: payment.AlarmContradicted, PaymentID: "1", OperationID: "rf_1_a"}}},
		"stays contradicted":         {account(1, alarmed), account(2, alarmed), nil},
		"a panel refund":             {account(1, done), account(2, done, panel), []payment.Alarm{{Kind: payment.AlarmForeign, PaymentID: "1"}}},
		"a panel refund of before":   {payment.Account{}, account(1, done, panel), nil},
		"a panel refund seen before": {account(1, done, panel), account(2, done, panel), nil},
		"a failed panel refund":      {account(1, done), account(2, done, failed), nil},
		"a failed one that moved":    {account(1, done, failed), account(2, done, panel), []payment.Alarm{{Kind: payment.AlarmForeign, PaymentID: "1"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, payment.Alarms(c.old, c.next)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAnAlarmIsToldAfterTheChangeIsSaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.service.OnAlarm(func(_ context.Context, a payment.Alarm) { w.note("alarm:%s", a.Kind) })
	id := w.must(refund("k", "1"), payment.StatusSucceeded).Resource.ID
	w.iyzico.Entries = append(w.iyzico.Entries, payment.Entry{
		TxID: "panel", LineID: lineID(0), Amount: amount("5"), Status: 1, CreatedAt: w.Now(),
	})
	w.did()
	if _, err := w.service.Check(t.Context(), id, w.Now().Add(10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if did := w.did(); !strings.Contains(did, "save") ||
		strings.Index(did, "alarm:foreign_movement") < strings.Index(did, "save") {
		t.Errorf("did %s", did)
	}
}
