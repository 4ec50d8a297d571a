package lambda_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// TestTheSameKeyAtOnceOverAPIAndQueueIsExecutedOnce is matrix row 13: whoever comes first carries it out, everybody gets the
// same operation.
//
// failure 13: the built functions, over API, event, queue and bare
func TestTheSameKeyAtOnceOverAPIAndQueueIsExecutedOnce(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	for name, entries := range map[string][]string{
		"API and API": {"api", "api"}, "API and queue": {"api", "queue"}, "queue and queue": {"queue", "queue"},
		"API, event, queue and bare": {"api", "event", "queue", "bare"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, m := deployBus(t, endpoint)
			p := d.addPayment("100.00")
			command := refundCommand(p, "10", "key")
			once := map[string]func() (done bool){
				"api": func() bool {
					a := d.post("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`)
					return a.Status == http.StatusCreated || a.Status == http.StatusOK
				},
				"bare": func() bool {
					c := d.bare("refund", command).StatusCode
					return c == http.StatusCreated || c == http.StatusOK
				},
				"queue": func() bool { return len(d.queue("refund", queued{"m", command})) == 0 },
				"event": func() bool {
					return len(d.queue("refund", queued{"e", eventBody(t, "refund.requested", command)})) == 0
				},
			}
			var group sync.WaitGroup
			for _, entry := range entries {
				group.Go(func() {
					for deadline := time.Now().Add(patience); !once[entry](); time.Sleep(50 * time.Millisecond) {
						if time.Now().After(deadline) {
							t.Errorf("%s is never done", entry)
							return
						}
					}
				})
			}
			group.Wait()
			if executions, requests := d.executions(p), d.requests(p); executions != 1 || requests != 1 {
				t.Errorf("%d executions, %d requests, want one", executions, requests)
			}
			if a := d.post("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`); a.Status != http.StatusOK || a.State != "succeeded" {
				t.Errorf("%d %s", a.Status, a.Body)
			}
			if dead := m.deadLetters(); len(dead) > 0 {
				t.Errorf("parked: %+v", dead)
			}
		})
	}
}

// TestQueueRepliesThroughTheBootstraps is the queue's side of the reply table with real causes.
func TestQueueRepliesThroughTheBootstraps(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	d, m := deployBus(t, endpoint)
	p := d.addPayment("100.00")
	send := func(id, body string) (back bool) { return len(d.queue("refund", queued{id, body})) == 1 }
	acknowledged := func(id, body string) {
		t.Helper()
		if send(id, body) {
			t.Errorf("%s goes back", id)
		}
	}
	parked := func(id, body, reason string) {
		t.Helper()
		before := len(m.deadLetters())
		if send(id, body) {
			t.Errorf("%s goes back", id)
		}
		dead := m.deadLetters()[before:]
		if len(dead) != 1 || dead[0].Reason != reason || dead[0].Body != body || dead[0].MessageID != id || dead[0].Queue != "iade-refund-dead" || dead[0].Detail == "" {
			t.Errorf("%s: %+v", id, dead)
		}
	}
	returned := func(id, body string, atLeast int) {
		t.Helper()
		if !send(id, body) || m.hiddenFor(id) < atLeast {
			t.Errorf("%s is hidden for %d s, want it back after %d", id, m.hiddenFor(id), atLeast)
		}
	}
	acknowledged("done", refundCommand(p, "10", "done"))
	acknowledged("done again", refundCommand(p, "10", "done"))
	d.script("/payment/refund", "reset-after")
	acknowledged("unknown", refundCommand(p, "10", "unknown"))
	d.control(http.MethodPost, "/_fake/faults", `{"path":"/payment/refund","mode":"refuse","errorCode":"10051","times":1}`, nil)
	acknowledged("refused by iyzico", refundCommand(p, "10", "refused"))
	acknowledged("refused by a rule", refundCommand(p, "1000", "rule"))
	acknowledged("refused by a rule, again", refundCommand(p, "1000", "rule"))
	recorded := d.post("/refunds", "rule", `{"paymentId":"`+p+`","amount":"1000"}`)
	if recorded.Status != http.StatusUnprocessableEntity || recorded.Type != "urn:iade:problem:exceeds-refundable" || recorded.Operation.Status != "rejected" {
		t.Errorf("the same key over HTTP: %d %s", recorded.Status, recorded.Body)
	}
	parked("malformed", `{"paymentId":"`+p+`"}`, "invalid-request")
	parked("no such payment", refundCommand("987654321", "10", "none"), "not-found")
	parked("key reused", refundCommand(p, "11", "done"), "idempotency-key-reused")
	parked("no command", eventBody(t, "cancel.requested", `{"paymentId":"`+p+`","idempotencyKey":"x"}`), "unknown-event")
	d.script("/payment/refund", "rate-limit")
	returned("iyzico's limit", refundCommand(p, "10", "limited"), 1)
	eventually(t, "it is done when it comes back", func() bool { return !send("iyzico's limit", refundCommand(p, "10", "limited")) })

	q := d.addPayment("100.00")
	m.breakDown("SendMessage", true)
	if back := d.queue("refund", queued{"poison", "poison"}, queued{"good", refundCommand(q, "1", "good")}); !slices.Equal(back, []string{"poison"}) {
		t.Errorf("%v go back: what cannot be parked is not dropped, and hurts nobody", back)
	}
	m.breakDown("SendMessage", false)
	parked("poison", "poison", "invalid-request")
	if got := d.executions(p) + d.executions(q); got != 4 {
		t.Errorf("%d executions, want 4", got)
	}

	away, _ := deployBus(t, endpoint, "IYZICO_BASE_URL="+apitest.ClosedPort(t))
	if back := away.queue("refund", queued{"m", refundCommand("10000001", "10", "k")}); len(back) != 1 {
		t.Error("a message is lost while iyzico is away")
	}
}

// TestQueueDuplicatesReorderingAndPoison is matrix row 20: commands come twice, in another order, and beside poison.
//
// failure 20: the built functions
func TestQueueDuplicatesReorderingAndPoison(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	p := d.addPayment("100.00")
	var messages []queued
	for i := range 4 {
		messages = append(messages, queued{fmt.Sprint("m-", i), refundCommand(p, "10", fmt.Sprint("key-", i))})
	}
	first := []queued{messages[2], {"poison", "{"}, messages[0], messages[2]}
	second := []queued{messages[3], messages[2], messages[1], messages[0]}
	for _, batch := range [][]queued{first, second, second} {
		if back := d.queue("refund", batch...); len(back) > 0 {
			t.Errorf("%v go back", back)
		}
	}
	if got := d.executions(p); got != 4 {
		t.Errorf("%d executions, want 4", got)
	}
	if dead := m.deadLetters(); len(dead) != 1 || dead[0].MessageID != "poison" {
		t.Errorf("parked: %+v", dead)
	}
	cancelled := d.addPayment("50.00")
	cancel := `{"paymentId":"` + cancelled + `","idempotencyKey":"c"}`
	for range 2 {
		if back := d.queue("cancel", queued{"c", eventBody(t, "cancel.requested", cancel)}); len(back) > 0 {
			t.Errorf("%v go back", back)
		}
	}
	if got := d.executions(cancelled); got != 1 {
		t.Errorf("%d executions of a cancel", got)
	}
}

// TestMessagesOverTheLimitGetALaterMinute: the queue has four of five calls a minute, the fifth is for callers who wait.
func TestMessagesOverTheLimitGetALaterMinute(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t), "RATE_LIMIT_PER_MINUTE=5")
	p := d.addPayment("100.00")
	d.post("/refunds", "first", `{"paymentId":"`+p+`","amount":"1"}`)
	var messages []queued
	for i := range 10 {
		messages = append(messages, queued{fmt.Sprint("m-", i), refundCommand(p, "1", fmt.Sprint("key-", i))})
	}
	back := d.queue("refund", messages...)
	if got := d.executions(p); got != 1+len(messages)-len(back) {
		t.Errorf("%d executions, %v go back", got, back)
	}
	if len(back) == 0 {
		t.Error("none is over the limit")
	}
	for _, id := range back {
		if hidden := m.hiddenFor(id); hidden < 1 || hidden > 10*60 {
			t.Errorf("%s is hidden for %d s", id, hidden)
		}
	}
	if a := d.post("/refunds", "waiting", `{"paymentId":"`+p+`","amount":"1"}`); a.Status != http.StatusCreated {
		t.Errorf("a caller who waits gets %d %s", a.Status, a.Body)
	}
}

// TestAKilledQueueFunctionExecutesAtMostOnce: the process dies with a message in work, before and after the money moved, and
// the queue delivers the batch again. The function's own time is over in the second half (matrix row 27).
//
// failure 5, 10, 27: the built function behind the queue, killed and out of time
func TestAKilledQueueFunctionExecutesAtMostOnce(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	for _, x := range []struct {
		name, mode, ends string
		executions       int
		timeout          bool
	}{
		{"killed after the money moved", "hang-after", "succeeded", 1, false},
		{"killed before the money moved", "hang-before", "not_executed", 0, false},
		{"out of time after the money moved", "hang-after", "succeeded", 1, true},
		{"out of time before the money moved", "hang-before", "not_executed", 0, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			d, _ := deployBus(t, endpoint, "IYZICO_TIMEOUT=5s", "SETTLE_WINDOW=1s")
			p, q := d.addPayment("100.00"), d.addPayment("100.00")
			config := d.config("refund")
			e := runtimeapi.NewEnvironment(config)
			if x.timeout {
				d.env = append(d.env, "IYZICO_TIMEOUT=27s")
				config = d.config("refund")
				config.Timeout = 9 * time.Second // 2 s are kept for the end: what is sent with 7 s left is cut short by itself
				e = runtimeapi.NewEnvironment(config)
			}
			t.Cleanup(e.Kill)
			batch := []queued{{"m", refundCommand(p, "10", "key")}, {"n", refundCommand(q, "10", "key")}}
			d.script("/payment/refund", x.mode)
			type answer struct {
				back []string
				err  error
			}
			answered := make(chan answer, 1)
			go func() {
				back, err := deliver(t, e, "refund", batch...)
				answered <- answer{back, err}
			}()
			eventually(t, "iyzico has the request", func() bool { return d.requests(p) == 1 })
			if !x.timeout {
				e.Kill()
			}
			first := <-answered
			switch {
			case !x.timeout && !errors.Is(first.err, runtimeapi.ErrEnded):
				t.Fatalf("the invocation ended with %v", first.err)
			case x.timeout && (first.err != nil || !slices.Equal(first.back, []string{"n"})):
				t.Fatalf("%v go back, %v: the first is unknown, for the second no time is left", first.back, first.err)
			}
			d.reconcile()
			waiting := batch
			eventually(t, "the queue is empty", func() bool {
				back, err := deliver(t, d.function("refund"), "refund", waiting...)
				if err != nil {
					t.Fatal(err)
				}
				waiting = slices.DeleteFunc(slices.Clone(waiting), func(m queued) bool { return !slices.Contains(back, m.id) })
				return len(waiting) == 0
			})
			var id string
			eventually(t, "the operation is definite", func() bool {
				a := d.post("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`)
				id = a.ID
				if a.Operation.ID != "" {
					id = a.Operation.ID
				}
				return a.Status == http.StatusOK || a.Status == http.StatusUnprocessableEntity
			})
			if a := d.get("/refunds/" + id); a.State != x.ends {
				t.Errorf("it ended as %s", a.Body)
			}
			if executions, requests := d.executions(p), d.requests(p); executions != x.executions || requests != 1 {
				t.Errorf("%d executions, %d requests, want %d and 1", executions, requests, x.executions)
			}
			if got := d.executions(q); got != 1 {
				t.Errorf("%d executions of its neighbour, want 1", got)
			}
		})
	}
}

// TestAGatewayThatGaveUpLeavesTheStateRight is matrix row 27 over HTTP: Lambda kills the function in the middle of a call, the
// caller hears nothing and asks again.
//
// failure 27: the built function, killed in the middle of a call
func TestAGatewayThatGaveUpLeavesTheStateRight(t *testing.T) {
	t.Parallel()
	d := deploy(t, dynamotest.Endpoint(t), "IYZICO_TIMEOUT=27s", "SETTLE_WINDOW=1s")
	p := d.addPayment("100.00")
	e := d.environment("refund")
	d.script("/payment/refund", "hang-after")
	req := command("/refunds", "key", `{"paymentId":"`+p+`","amount":"10"}`)
	killWhen(t, e, "iyzico has the request", func() bool { return d.requests(p) == 1 }, calling(e, req))
	if a := d.ask(req); a.Status != http.StatusConflict && a.Status != http.StatusAccepted {
		t.Errorf("asked again at once: %d %s", a.Status, a.Body)
	}
	if executions, requests := d.executions(p), d.requests(p); executions != 1 || requests != 1 {
		t.Errorf("%d executions, %d requests", executions, requests)
	}
}

// TestAnItemThatTheTableForgotIsNotRefundedAgain is matrix row 26: TTL removed an item too early, or in time, and the queue
// delivers a late duplicate.
//
// failure 26: the built functions, over the queue
func TestAnItemThatTheTableForgotIsNotRefundedAgain(t *testing.T) {
	t.Parallel()
	d, m := deployBus(t, dynamotest.Endpoint(t))
	forget := func(p string) {
		t.Helper()
		_, err := d.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
			TableName: aws.String(d.table), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "PAYMENT#" + p}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	early := d.addPayment("100.00")
	message := queued{"m", refundCommand(early, "10", "key")}
	for range 2 {
		if back := d.queue("refund", message); len(back) > 0 {
			t.Fatalf("%v go back", back)
		}
		forget(early)
	}
	if got := d.executions(early); got != 1 {
		t.Errorf("%d executions after the item was gone too early, want 1: the report shows the operation's own id", got)
	}
	var late struct {
		PaymentID string `json:"paymentId"`
	}
	old := time.Now().Add(-400 * 24 * time.Hour).UTC().Format(time.RFC3339)
	d.control(http.MethodPost, "/_fake/payments", `{"lines":[{"paidPrice":"100.00"}],"createdAt":"`+old+`"}`, &late)
	if back := d.queue("refund", queued{"late", refundCommand(late.PaymentID, "10", "key")}); len(back) > 0 || len(m.deadLetters()) > 0 {
		t.Errorf("%v go back, parked %+v", back, m.deadLetters())
	}
	a := d.post("/refunds", "key", `{"paymentId":"`+late.PaymentID+`","amount":"10"}`)
	if a.Status != http.StatusUnprocessableEntity || !strings.HasSuffix(a.Type, ":not-refundable") || d.requests(late.PaymentID) != 0 {
		t.Errorf("a late duplicate of a payment that may be forgotten: %d %s", a.Status, a.Body)
	}
}
