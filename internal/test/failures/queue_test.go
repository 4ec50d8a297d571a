package failures

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/iade/iade/internal/payment"
)

// TestFailure20DuplicateReorderedPoison: a queue delivers twice, in another order and beside what is no command, while iyzico
// loses answers; several batches at once.
func TestFailure20DuplicateReorderedPoison(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"", "reset-after", "reset-before"} {
		t.Run("fault "+mode, func(t *testing.T) {
			t.Parallel()
			play(t, func(w *world) {
				pay, other := w.payment(), w.payment()
				var messages []message
				for i := range 4 {
					a := w.refund(pay, "10.00")
					messages = append(messages, message{fmt.Sprint("m-", i), a.command()})
				}
				if mode != "" {
					w.fault(refundPath, mode)
				}
				cancel := w.cancel(other)
				poison := []message{
					{"no JSON", "{"}, {"no key", `{"paymentId":"` + pay.id + `","amount":"1.00"}`}, {"no amount", `{"paymentId":"` + pay.id + `","idempotencyKey":"x"}`},
					{"no payment", `{"paymentId":"987654321","amount":"1.00","idempotencyKey":"x"}`}, {"wrong queue", cancel.event()},
					{"twice the same member", `{"paymentId":"` + pay.id + `","amount":"1.00","amount":"2.00","idempotencyKey":"x"}`},
				}
				first := slices.Concat([]message{messages[2], poison[0], messages[0], poison[1], messages[2]}, poison[2:])
				second := []message{messages[3], messages[2], messages[1], messages[0]}
				waiting := []message{}
				batch := func(p *process, kind payment.Kind, all []message) {
					for _, id := range p.batch(kind, all...) {
						i := slices.IndexFunc(all, func(m message) bool { return m.id == id })
						w.mu.Lock()
						waiting = append(waiting, all[i])
						w.mu.Unlock()
					}
				}
				one, two, three := w.process(), w.process(), w.process()
				atOnce(func() { batch(one, payment.KindRefund, first) }, func() { batch(two, payment.KindRefund, second) },
					func() {
						batch(three, payment.KindCancel, []message{{"c", cancel.event()}, {"c again", cancel.command()}})
					})
				for range 10 { // what came while another batch was at it comes back
					again := waiting
					waiting = nil
					time.Sleep(time.Minute)
					if len(again) > 0 {
						batch(w.process(), payment.KindRefund, again)
					}
				}
				if len(waiting) > 0 {
					w.t.Errorf("%v come back for ever", waiting)
				}
				if len(w.parked) != len(poison) {
					w.t.Errorf("parked: %q, want what is no command and nothing else", w.parked)
				}
				if mode == "reset-before" {
					w.oneOf(payment.StatusUnknown, payment.StatusNotExecuted)
				}
			})
		})
	}
}

// oneOf expects of the one operation that has a status now that it ends as another.
func (w *world) oneOf(now, ends payment.Status) {
	w.t.Helper()
	found := 0
	for _, a := range w.asked {
		if w.show(a).Status == now {
			a.ends(ends, 1)
			found++
		}
	}
	if found != 1 {
		w.t.Errorf("%d operations are %s, want 1", found, now)
	}
}

// TestFailure21EventReplay: events are delivered again, from any point and in any order, to a consumer that keeps the rule:
// drop what is not newer, by id and sequence. It ends with the truth.
func TestFailure21EventReplay(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		pay := w.payment("50.00", "50.00")
		lost := w.refund(pay, "10.00", `,"paymentTransactionId":"`+pay.lines[0]+`"`)
		w.fault(refundPath, "reset-after")
		w.process().deliver(lost, overHTTP).is(w.t, http.StatusAccepted, "unknown")
		lied := w.refund(pay, "20.00", `,"paymentTransactionId":"`+pay.lines[1]+`"`).ends(payment.StatusNeedsReview, 1)
		w.fault(refundPath, "refuse-after", code("10051"))
		w.process().deliver(lied, overHTTP)
		fund := w.fund()
		w.process().deliver(fund, overHTTP).is(w.t, http.StatusCreated, "succeeded")
		w.duplicates()
		w.reconcile()
		events := w.outbox()
		if len(events) < 5 {
			w.t.Fatalf("%d events only", len(events))
		}
		for from := range events {
			for _, order := range []string{"again from there", "again backwards", "each twice"} {
				consumer := consumer{}
				consumer.take(events[:from+1]...)
				switch order {
				case "again from there":
					consumer.take(events[from/2:]...)
				case "again backwards":
					consumer.take(events...)
					back := slices.Clone(events)
					slices.Reverse(back)
					consumer.take(back...)
				case "each twice":
					for _, e := range events {
						consumer.take(e, e)
					}
				}
				for _, a := range w.asked {
					if got := consumer[a.id].Status; got != a.status {
						w.t.Errorf("%s, from %d: the consumer holds %s as %s, want %s", order, from, a.id, got, a.status)
					}
				}
			}
		}
	})
}

// consumer is an order system that keeps the documented rule.
type consumer map[string]payment.Detail

func (c consumer) take(events ...payment.Change) {
	for _, e := range events {
		if e.Detail.Sequence > c[e.Detail.ID].Sequence {
			c[e.Detail.ID] = e.Detail
		}
	}
}
