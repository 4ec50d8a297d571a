package lambda_test

import (
	"net/http"
	"testing"

	"github.com/iade/iade/internal/test/dynamotest"
)

// TestAKilledRefundIsExecutedAtMostOnce kills the process with SIGKILL while iyzico holds its request, before and after
// the money moved, and delivers the same request again, over and over, to new processes (I1, I2, I7).
//
// failure 5, 10: SIGKILL of the built function while iyzico holds the request
func TestAKilledRefundIsExecutedAtMostOnce(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	for _, x := range []struct {
		name, mode, ends string
		executions       int
		finally          int
	}{
		{"after the money moved", "hang-after", "succeeded", 1, http.StatusOK},
		{"before the money moved", "hang-before", "not_executed", 0, http.StatusUnprocessableEntity},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			d := deploy(t, endpoint, "IYZICO_TIMEOUT=3s", "SETTLE_WINDOW=1s")
			p := d.addPayment("100.00")
			e := d.environment("refund")
			req := command("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`)
			d.script("/payment/refund", x.mode)
			killWhen(t, e, "iyzico has the request", func() bool { return d.requests(p) == 1 }, calling(e, req))

			// Redelivered at once: the attempt is marked, nobody knows yet what became of it, and nobody sends it again.
			reply, err := invoke(e, req, "POST /refunds", nil)
			if err != nil || (reply.Status != http.StatusConflict && reply.Status != http.StatusAccepted) {
				t.Fatalf("redelivered: %d %s %v", reply.Status, reply.Body, err)
			}
			id := readAnswer(t, reply).ID
			d.reconcile()
			eventually(t, "the operation is definite", func() bool {
				again := readAnswer(t, must(t)(invoke(e, req, "POST /refunds", nil)))
				if again.Operation.ID != "" {
					id = again.Operation.ID
				} else if again.ID != "" {
					id = again.ID
				}
				return again.Status == x.finally
			})
			if a := d.get("/refunds/" + id); a.State != x.ends {
				t.Errorf("it ended as %s", a.Body)
			}
			if got := d.executions(p); got != x.executions {
				t.Errorf("%d executions, want %d", got, x.executions)
			}
			if got := d.requests(p); got != 1 {
				t.Errorf("iyzico got %d requests, want 1", got)
			}
		})
	}
}

// TestAKillBeforeTheMarkLeavesNoTrace kills the process before its first write: the next delivery starts afresh.
//
// failure 1: SIGKILL of the built function
func TestAKillBeforeTheMarkLeavesNoTrace(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t))
	p := d.addPayment("100.00")
	e := d.environment("refund")
	d.script("/v2/reporting/payment/details", "hang-before")
	req := command("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`)
	killWhen(t, e, "the report is being read", func() bool { return len(d.fake.Faults()) == 0 }, calling(e, req))
	if a := readAnswer(t, must(t)(invoke(e, req, "POST /refunds", nil))); a.Status != http.StatusCreated {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if got := d.requests(p); got != 1 {
		t.Errorf("iyzico got %d requests, want 1", got)
	}
}
