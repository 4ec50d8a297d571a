package lambda_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// settledOperation is what the invariants look at of an operation that ended.
type settledOperation struct {
	ID             string          `json:"id"`
	Kind           string          `json:"kind"`
	Status         string          `json:"status"`
	PaymentID      string          `json:"paymentId"`
	RefundedAmount decimal.Decimal `json:"refundedAmount"`
	Legs           []struct {
		Amount         decimal.Decimal `json:"amount"`
		Status         string          `json:"status"`
		ConversationID string          `json:"conversationId"`
	} `json:"legs"`
}

// paymentTotals is what they look at of a payment.
type paymentTotals struct {
	Status         string             `json:"status"`
	PaidAmount     decimal.Decimal    `json:"paidAmount"`
	RefundedAmount decimal.Decimal    `json:"refundedAmount"`
	ReservedAmount decimal.Decimal    `json:"reservedAmount"`
	Operations     []settledOperation `json:"operations"`
}

// checkInvariants holds what the functions say now against what iyzico really did, and against the events that the table's
// stream makes. Nothing may be under way any more.
func checkInvariants(t *testing.T, s *scene) {
	t.Helper()
	eventually(t, "nothing is unfinished", func() bool {
		var open struct {
			Operations []settledOperation `json:"operations"`
			NextCursor string             `json:"nextCursor"`
		}
		shown := s.get("/operations")
		if err := json.Unmarshal(shown.Body, &open); err != nil || shown.Status != http.StatusOK {
			t.Fatalf("operations: %d %s", shown.Status, shown.Body)
		}
		return len(open.Operations) == 0 && open.NextCursor == ""
	})
	truth := newTruth(t, s.fake)
	final := map[string]string{}
	for _, a := range s.asked {
		op := s.theSameAgain(a)
		final[op.ID] = op.Status
		truth.compare(t, op)
		if op.Status != "succeeded" && !slices.Contains(a.ends, op.Status) {
			t.Errorf("%s %s ended as %s", a.path, a.key, op.Status)
		}
	}
	for id := range truth.movedBy {
		t.Errorf("iyzico moved money for %q, which is no attempt of what was asked for", id)
	}
	for paymentID, moved := range truth.refunded {
		truth.compareTotals(t, s, paymentID, moved, final)
	}
	s.publishes(t)
	checkLastTold(t, s.bus.published(), final)
}

// theSameAgain asks twice for what was asked for before. The answers are the same and say that nothing was sent (I6). It
// returns the operation.
func (s *scene) theSameAgain(a *asked) settledOperation {
	s.t.Helper()
	first, second := s.post(a.path, a.key, a.body), s.post(a.path, a.key, a.body)
	if first.Status != second.Status || string(first.Body) != string(second.Body) || first.Header.Get("Idempotent-Replayed") != "true" {
		s.t.Errorf("the same key answers %d %s, then %d %s", first.Status, first.Body, second.Status, second.Body)
	}
	path, body := a.another()
	if other := s.post(path, a.key, body); other.Type != "urn:iade:problem:idempotency-key-reused" {
		s.t.Errorf("another request with key %s: %d %s", a.key, other.Status, other.Body)
	}
	id := first.ID + first.Operation.ID
	var op settledOperation
	shown := s.get(resourcePath(id))
	if err := json.Unmarshal(shown.Body, &op); err != nil || op.ID != id {
		s.t.Fatalf("%s: %d %s", id, shown.Status, shown.Body)
	}
	if done := first.Status == http.StatusOK || first.Status == http.StatusMultiStatus; done != (op.Status == "succeeded" || op.Status == "partially_succeeded") {
		s.t.Errorf("%s is %s and its key answers %d", id, op.Status, first.Status)
	}
	return op
}

// another is another request with the key than the one that was made, and as well formed. It differs in what moves money:
// requests that differ in nothing else are the same.
func (a *asked) another() (path, body string) {
	var members map[string]any
	if err := json.Unmarshal([]byte(a.body), &members); err != nil {
		panic(err) // the scenes write it
	}
	switch amount, has := members["amount"].(string); {
	case a.path == "/fund-payments":
		return a.path, strings.ReplaceAll(a.body, `"TRY"`, `"EUR"`)
	case has:
		return a.path, strings.Replace(a.body, `"amount":"`+amount+`"`, `"amount":"1`+amount+`"`, 1)
	}
	// All of the payment, by a cancel or to the balance: a part of it is another request, whatever its kind.
	return "/refunds", fmt.Sprintf(`{"paymentId":%q,"amount":"1"}`, members["paymentId"])
}

// resourcePath is where an operation is shown.
func resourcePath(id string) string {
	switch id[:3] {
	case "cn_":
		return "/cancels/" + id
	case "rv_":
		return "/reversals/" + id
	case "fp_":
		return "/fund-payments/" + id
	}
	return "/refunds/" + id
}

// truth is what iyzico really did.
type truth struct {
	movedBy  map[string]decimal.Decimal // by conversation id
	refunded map[string]decimal.Decimal // by payment
}

// newTruth reads the fake's ledger. No attempt may have come twice (I1, I2).
func newTruth(t *testing.T, fake *iyzicotest.Server) truth {
	t.Helper()
	w := truth{map[string]decimal.Decimal{}, map[string]decimal.Decimal{}}
	for _, x := range fake.Ledger().Executions("") {
		w.movedBy[x.ConversationID] = w.movedBy[x.ConversationID].Add(x.Price)
		if x.Kind != iyzicotest.KindFundPayment {
			w.refunded[x.PaymentID] = w.refunded[x.PaymentID].Add(x.Price)
		}
	}
	received := map[string]bool{}
	for _, r := range fake.Requests("") {
		if received[r.ConversationID] {
			t.Errorf("iyzico got %s twice", r.ConversationID)
		}
		received[r.ConversationID] = true
	}
	return w
}

// compare holds an operation against the truth, leg by leg: what succeeded was executed with its amount, and nothing else
// was.
func (w truth) compare(t *testing.T, op settledOperation) {
	t.Helper()
	total := decimal.Zero
	for _, leg := range op.Legs {
		moved := w.movedBy[leg.ConversationID]
		want := decimal.Zero
		if leg.Status == "succeeded" {
			want = leg.Amount
		}
		if !moved.Equal(want) {
			t.Errorf("%s: leg %s of %s is %s, and iyzico moved %s", op.ID, leg.ConversationID, leg.Amount, leg.Status, moved)
		}
		if leg.ConversationID != "" {
			delete(w.movedBy, leg.ConversationID)
		}
		total = total.Add(moved)
	}
	if op.Kind != "fund_payment" && !op.RefundedAmount.Equal(total) {
		t.Errorf("%s says that it refunded %s, and iyzico moved %s", op.ID, op.RefundedAmount, total)
	}
}

// compareTotals holds a payment against the truth.
func (w truth) compareTotals(t *testing.T, s *scene, paymentID string, moved decimal.Decimal, final map[string]string) {
	t.Helper()
	var p paymentTotals
	shown := s.get("/payments/" + paymentID)
	if err := json.Unmarshal(shown.Body, &p); err != nil || shown.Status != http.StatusOK {
		t.Fatalf("payment %s: %d %s", paymentID, shown.Status, shown.Body)
	}
	if !p.ReservedAmount.IsZero() || !p.RefundedAmount.Equal(moved) || moved.GreaterThan(p.PaidAmount) {
		t.Errorf("payment %s: %s of %s refunded and %s reserved; iyzico moved %s", paymentID, p.RefundedAmount, p.PaidAmount, p.ReservedAmount, moved)
	}
	for _, op := range p.Operations {
		if final[op.ID] != op.Status {
			t.Errorf("payment %s holds %s as %s, which by itself is %q", paymentID, op.ID, op.Status, final[op.ID])
		}
	}
}

// checkLastTold holds the events against how operations ended: each one's last event is its final status, and no account's
// sequence falls once repeats are dropped (I8).
func checkLastTold(t *testing.T, all []published, final map[string]string) {
	t.Helper()
	told(t, all)
	last := map[string]string{}
	newest := map[string]int64{}
	for _, e := range all {
		if e.Detail.Sequence >= newest[e.Detail.ID] {
			last[e.Detail.ID], newest[e.Detail.ID] = e.Detail.Status, e.Detail.Sequence
		}
	}
	for id, status := range final {
		if last[id] != status {
			t.Errorf("%s is %s, and its last event says %q", id, status, last[id])
		}
	}
	for id := range last {
		if final[id] == "" {
			t.Errorf("an event tells of %s, which nobody asked for", id)
		}
	}
}
