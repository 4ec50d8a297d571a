package failures

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// duplicates delivers every command again: to other processes, through every entry at once, and then once more by HTTP.
func (w *world) duplicates() {
	w.t.Helper()
	for _, a := range w.asked {
		if a.refused != "" {
			w.process().deliver(a, overHTTP).is(w.t, http.StatusUnprocessableEntity, a.refused)
			continue
		}
		var all []func()
		for _, e := range a.entries() {
			p := w.process()
			all = append(all, func() { p.deliver(a, e) })
		}
		atOnce(all...)
		w.process().deliver(a, overHTTP)
	}
}

// reconcile runs the reconciler as it is scheduled, every minute (or a few), for longer than anything takes to settle,
// and then every hour, for longer than a definite "no" is looked at again and a balance refund is waited for.
func (w *world) reconcile() {
	w.t.Helper()
	passes := []*process{w.process(), w.process()}
	pass := func(i int) {
		if _, err := passes[i%len(passes)].service.Reconcile(context.Background(), time.Now().Add(50*time.Second)); err != nil {
			w.t.Errorf("a pass of the reconciler: %v", err)
		}
	}
	for i := range 75 / w.stride {
		time.Sleep(time.Duration(w.stride) * time.Minute)
		pass(i)
	}
	for i := range 50/w.stride + 1 {
		time.Sleep(time.Duration(w.stride) * time.Hour)
		pass(i)
	}
}

// check holds the truth at iyzico against all that was asked, answered, stored and published.
func (w *world) check() {
	w.t.Helper()
	if left := w.fake.Faults(); len(left) > 0 && !slices.ContainsFunc(left, func(f iyzicotest.Fault) bool { return f.Times == 0 }) {
		w.t.Errorf("faults that never struck: %+v", left)
	}
	w.checkWire()
	for _, a := range w.asked {
		w.checkOperation(a)
	}
	for _, p := range w.paid {
		w.checkTotals(p)
	}
	w.checkUnfinished()
	w.checkEvents()
	w.checkSecrets()
}

// checkWire: every attempt reached iyzico once at most and moved money once at most (I1, I2), for something that was asked.
func (w *world) checkWire() {
	w.t.Helper()
	requests, executions := map[string]int{}, map[string]int{}
	for _, r := range w.fake.Requests("") {
		requests[r.ConversationID]++
	}
	for _, x := range w.fake.Ledger().Executions("") {
		if x.ConversationID == "" {
			continue // the merchant, in iyzico's panel
		}
		executions[x.ConversationID]++
		if !slices.ContainsFunc(w.asked, func(a *asked) bool { return strings.HasPrefix(x.ConversationID, a.id+"-") }) {
			w.t.Errorf("%s moved %s, and nobody asked for it", x.ConversationID, x.Price)
		}
	}
	for id, n := range requests {
		if n > 1 && !w.forgot {
			w.t.Errorf("I1: attempt %s was sent %d times", id, n)
		}
	}
	for id, n := range executions {
		if n > 1 {
			w.t.Errorf("I1: attempt %s was executed %d times", id, n)
		}
	}
}

// replay is the HTTP status of the same key once an operation has that status.
var replay = map[payment.Status]int{
	payment.StatusSucceeded: http.StatusOK, payment.StatusPartiallySucceeded: http.StatusMultiStatus, payment.StatusRejected: http.StatusUnprocessableEntity,
	payment.StatusNotExecuted: http.StatusUnprocessableEntity, payment.StatusExpired: http.StatusUnprocessableEntity,
	payment.StatusNeedsReview: http.StatusAccepted, payment.StatusAwaitingCustomer: http.StatusOK, payment.StatusAwaitingMerchant: http.StatusOK,
}

type resource struct {
	ID             string         `json:"id"`
	Status         payment.Status `json:"status"`
	Amount         string         `json:"amount"`
	RefundedAmount string         `json:"refundedAmount"`
	Legs           []struct {
		Status         payment.Status `json:"status"`
		Amount         string         `json:"amount"`
		ConversationID string         `json:"conversationId"`
	} `json:"legs"`
}

func (w *world) show(a *asked) resource {
	w.t.Helper()
	var r resource
	shown := w.process().get(a.resource())
	if shown.code != http.StatusOK {
		w.t.Errorf("%s: %d %s", a.resource(), shown.code, shown.body)
		return r
	}
	if err := json.Unmarshal([]byte(shown.body), &r); err != nil {
		w.t.Error(err)
	}
	return r
}

// checkOperation: the final status is the truth (I5), the same key gives the same answer and sends nothing (I6), and nothing
// is left that is neither definite nor waits for a person (I7).
func (w *world) checkOperation(a *asked) {
	w.t.Helper()
	moved, sent := w.moved(a.id), w.sent(a.id)
	if a.refused != "" {
		if sent > 0 {
			w.t.Errorf("%s was refused by a rule, and %d requests of it reached iyzico", a.id, sent)
		}
		w.process().deliver(a, overHTTP).is(w.t, http.StatusUnprocessableEntity, a.refused)
		return
	}
	if moved.GreaterThan(a.most) {
		w.t.Errorf("I1: %s moved %s, asked for %s", a.id, moved, a.most)
	}
	if sent != a.sends {
		w.t.Errorf("%s: %d requests reached iyzico, want %d", a.id, sent, a.sends)
	}
	r := w.show(a)
	if r.Status != a.status {
		w.t.Errorf("%s ended as %s, want %s: %s", a.id, r.Status, a.status, w.process().get(a.resource()).body)
	}
	if r.Status.Unfinished() && r.Status != payment.StatusNeedsReview {
		w.t.Errorf("I7: %s is left %s", a.id, r.Status)
	}
	w.checkTruth(a, r, moved)
	for _, e := range a.entries() {
		again := w.process().deliver(a, e)
		switch e {
		case overQueue, overBus:
			if again.back {
				w.t.Errorf("I6: a settled command comes back to its queue over and over")
			}
		case overHTTP, overGateway, overBare:
			if again.code != replay[r.Status] || again.id != a.id || again.state != string(r.Status) || e != overBare && !again.replayed {
				w.t.Errorf("I6: the same key over %s gets %d %s %s, want %d of the same operation: %s", e, again.code, again.id, again.state, replay[r.Status], again.body)
			}
		}
	}
	if now := w.sent(a.id); now != sent {
		w.t.Errorf("I2: the same key sent %d more requests", now-sent)
	}
}

// checkTruth compares a definite status with what iyzico executed, leg by leg.
func (w *world) checkTruth(a *asked, r resource, moved decimal.Decimal) {
	w.t.Helper()
	if r.Status == payment.StatusNeedsReview {
		if !w.alarmed(payment.AlarmNeedsReview, a.id) {
			w.t.Errorf("I7: nobody was told that %s needs a person", a.id)
		}
		return
	}
	want := decimal.Zero
	if r.Status == payment.StatusSucceeded {
		want = amount(r.Amount)
	}
	if r.Status == payment.StatusPartiallySucceeded {
		want = amount(r.RefundedAmount)
	}
	if !moved.Truncate(2).Equal(want) || a.kind != payment.KindFundPayment && !amount(r.RefundedAmount).Equal(want) {
		w.t.Errorf("I5: %s is %s with %s of %s refunded, and iyzico moved %s", a.id, r.Status, r.RefundedAmount, r.Amount, moved)
	}
	for _, leg := range r.Legs {
		if moved := w.executed(leg.ConversationID); moved.IsPositive() != (leg.Status == payment.StatusSucceeded) && len(r.Legs) > 1 {
			w.t.Errorf("I5: the leg %s is %s, and iyzico moved %s", leg.ConversationID, leg.Status, moved)
		}
	}
}

func (w *world) executed(conversationID string) decimal.Decimal {
	sum := decimal.Zero
	for _, x := range w.fake.Ledger().Executions("") {
		if conversationID != "" && x.ConversationID == conversationID {
			sum = sum.Add(x.Price)
		}
	}
	return sum
}

type view struct {
	Status           string `json:"status"`
	PaidAmount       string `json:"paidAmount"`
	RefundedAmount   string `json:"refundedAmount"`
	ReservedAmount   string `json:"reservedAmount"`
	RefundableAmount string `json:"refundableAmount"`
	NotRefundable    string `json:"notRefundable"`
}

func (w *world) view(p *paid) view {
	w.t.Helper()
	var v view
	shown := w.process().get("/payments/" + p.id)
	if err := json.Unmarshal([]byte(shown.body), &v); err != nil || shown.code != http.StatusOK {
		w.t.Errorf("payment %s: %d %s %v", p.id, shown.code, shown.body, err)
	}
	return v
}

// checkTotals: what a payment shows as refunded is what iyzico moved, ours and the panel's together; nothing stays reserved
// but what a person has to decide on (I4).
func (w *world) checkTotals(p *paid) {
	w.t.Helper()
	paid, moved := w.price(p), decimal.Zero
	for _, x := range w.fake.Ledger().Executions(p.id) {
		if x.Kind != iyzicotest.KindPayment {
			moved = moved.Add(x.Price)
		}
	}
	v := w.view(p)
	refunded, reserved := amount(v.RefundedAmount), amount(v.ReservedAmount)
	open := slices.ContainsFunc(w.asked, func(a *asked) bool { return a.paid == p && a.refused == "" && a.status == payment.StatusNeedsReview })
	if open {
		if refunded.Add(reserved).LessThan(moved) {
			w.t.Errorf("I4: payment %s shows %s refunded and %s reserved, and iyzico moved %s", p.id, refunded, reserved, moved)
		}
		return
	}
	left := paid.Sub(moved)
	if v.NotRefundable != "" { // too old, say: iyzico refunds nothing of it any more
		left = decimal.Zero
	}
	if !refunded.Equal(moved) || !reserved.IsZero() || !amount(v.RefundableAmount).Equal(left) {
		w.t.Errorf("I4: payment %s shows %s refunded, %s reserved, %s refundable, and iyzico moved %s of %s", p.id, refunded, reserved, v.RefundableAmount, moved, paid)
	}
}

// checkUnfinished: nothing is listed as unfinished but what waits for a person (I7).
func (w *world) checkUnfinished() {
	w.t.Helper()
	list := w.process().get("/operations")
	var page struct {
		Operations []resource `json:"operations"`
		NextCursor string     `json:"nextCursor"`
	}
	if err := json.Unmarshal([]byte(list.body), &page); err != nil || list.code != http.StatusOK || page.NextCursor != "" {
		w.t.Errorf("operations: %d %s %v", list.code, list.body, err)
	}
	for _, r := range page.Operations {
		if r.Status != payment.StatusNeedsReview {
			w.t.Errorf("I7: %s is listed as %s", r.ID, r.Status)
		}
	}
}

// checkEvents: the last event of every operation tells its final status, sequences never go back, and what a caller was
// told of was published (I8).
func (w *world) checkEvents() {
	w.t.Helper()
	if w.bolt == nil {
		return // the stream of a table is what functions' tests of publishing are about
	}
	last, sequence := map[string]payment.Status{}, map[string]int64{}
	for _, change := range w.outbox() {
		if change.Detail.Sequence < sequence[change.Detail.Account()] {
			w.t.Errorf("I8: event %d of %s comes after %d", change.Detail.Sequence, change.Detail.ID, sequence[change.Detail.Account()])
		}
		sequence[change.Detail.Account()] = change.Detail.Sequence
		last[change.Detail.ID] = change.Detail.Status
		data, err := json.Marshal(change.Published())
		if err != nil {
			w.t.Error(err)
		}
		w.hear(data)
	}
	for _, a := range w.asked {
		if a.refused == "" && last[a.id] != a.status {
			w.t.Errorf("I8: %s is %s, the last event says %q", a.id, a.status, last[a.id])
		}
	}
}

// outbox is all that is to be published, in the order of the saves. It stays: nobody confirms it.
func (w *world) outbox() []payment.Change {
	w.t.Helper()
	records, err := w.bolt.Outbox(context.Background(), 100)
	if err != nil || len(records) == 100 {
		w.t.Errorf("outbox: %d records, %v", len(records), err)
	}
	var changes []payment.Change
	for _, record := range records {
		changes = append(changes, record.Changes...)
	}
	return changes
}

// checkSecrets: no key and no personal datum stands in a log, an answer or an event (I9).
func (w *world) checkSecrets() {
	w.t.Helper()
	w.mu.Lock()
	told := slices.Concat(w.told, [][]byte{[]byte(w.log.String())})
	w.mu.Unlock()
	for _, text := range told {
		for _, secret := range []string{apiKey, secretKey, callbackKey, person} {
			if strings.Contains(string(text), secret) {
				w.t.Errorf("I9: %s stands in %s", secret, text)
			}
		}
	}
}

// decide is what a person does about operations that wait for one: says what iyzico's books say.
func (w *world) decide() {
	w.t.Helper()
	for _, a := range w.asked {
		if a.refused != "" || a.status != payment.StatusNeedsReview {
			continue
		}
		decision, ends := payment.DecideNotExecuted, payment.StatusNotExecuted
		if w.moved(a.id).IsPositive() {
			decision, ends = payment.DecideSucceeded, payment.StatusSucceeded
		}
		if strings.Contains(a.body, `"destination":"balance"`) && ends == payment.StatusNotExecuted {
			ends = payment.StatusExpired
		}
		w.process().post("/operations/"+a.id+"/resolution", `{"decision":"`+string(decision)+`","reason":"iyzico's books say so","by":"ops-1"}`).
			is(w.t, http.StatusOK, string(ends))
		a.status = ends
	}
	for _, a := range w.asked {
		if a.later != "" {
			a.refused = a.later
		}
	}
}
