package lambda_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
)

var (
	kills    = flag.Int("kills", 10, "how many processes TestProcessesMayBeKilledAtAnyTime kills")
	killSeed = flag.Uint64("kill.seed", 1, "the seed of its requests")
)

// clientsAtOnce is how many clients ask at the same time.
const clientsAtOnce = 20

// TestProcessesMayBeKilledAtAnyTime kills processes of every function that writes, at random moments and any number of them,
// while twenty clients ask for refunds, cancels, payments and refunds to balance, over HTTP and through the queues. Each asks
// again until it has an answer. In the end the invariants hold (I1 to I8). The seed replays the requests; the moments are the
// machine's.
//
// failure 1, 4, 5, 10: SIGKILL of the built functions at any time
func TestProcessesMayBeKilledAtAnyTime(t *testing.T) {
	t.Parallel()
	s := newScene(t, dynamotest.Endpoint(t))
	s.control(http.MethodPut, "/_fake/settings", `{"ratePerMinute":0}`, nil)
	s.env = append(s.env, "IYZICO_TIMEOUT="+hasty.String())
	y := &mayhem{scene: s, reaper: newReaper(*kills, *killSeed), functions: map[string]*mortal{}}
	for _, name := range []string{"refund", "cancel", "fund", "balance-callback", "reconcile", "publish"} {
		y.functions[name] = s.mortal(name, y.reaper)
	}
	stop := y.background()
	random := rand.New(rand.NewPCG(*killSeed, 2))
	for round := 0; round == 0 || !y.reaper.over() && !t.Failed(); round++ {
		y.carryOut(y.round(round, random))
	}
	eventually(t, "all are definite", y.allDefinite)
	stop()
	t.Logf("seed %d: %d requests, processes killed while they worked: %v", *killSeed, len(s.asked), y.reaper.killed)
	if !t.Failed() {
		checkInvariants(t, s)
	}
}

// mayhem is a scene whose functions are mortal.
type mayhem struct {
	*scene

	reaper    *reaper
	functions map[string]*mortal
}

// background reconciles and publishes until it is stopped. What is published comes to the bus at least once and in order,
// whoever is killed.
func (y *mayhem) background() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	every := func(do func() error) {
		all.Go(func() {
			for ctx.Err() == nil {
				if err := do(); err != nil && !errors.Is(err, errKilled) {
					y.t.Error(err)
					return
				}
				time.Sleep(100 * time.Millisecond)
			}
		})
	}
	every(func() error {
		_, err := y.functions["reconcile"].Invoke(context.Background(), []byte(`{"reconcile": true}`))
		return err
	})
	stream := y.openStream()
	var left []json.RawMessage
	every(func() error {
		if left = append(left, stream.next()...); len(left) == 0 {
			return nil
		}
		batch := left[:min(len(left), 100)]
		stopped, err := publish(y.t, y.functions["publish"], batch)
		switch {
		case err != nil:
			return err
		case stopped != "":
			left = from(y.t, left, stopped)
		default:
			left = left[len(batch):]
		}
		return nil
	})
	return func() {
		cancel()
		all.Wait()
	}
}

// job is one client: it delivers again and again until it is over.
type job struct {
	function string
	deliver  delivery
}

// carryOut lets the clients go.
func (y *mayhem) carryOut(jobs []job) {
	turn := make(chan struct{}, clientsAtOnce)
	var all sync.WaitGroup
	for _, j := range jobs {
		turn <- struct{}{}
		all.Go(func() {
			defer func() { <-turn }()
			for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
				over, err := j.deliver(y.functions[j.function])
				switch {
				case err != nil && !errors.Is(err, errKilled):
					y.t.Error(err)
					return
				case over:
					return
				case time.Now().After(deadline):
					y.t.Errorf("a request to %s is never over", j.function)
					return
				}
			}
		})
	}
	all.Wait()
}

// round is a mix of forty requests. Payments are the round's own, and eight refunds are asked for of each at the same time.
func (y *mayhem) round(n int, random *rand.Rand) []job {
	var jobs []job
	var shared string
	for i := range 40 {
		key := fmt.Sprintf("%d-%d", n, i)
		if i%8 == 0 {
			shared = y.addLines("500.00", "300.00", "200.00")
		}
		amount := fmt.Sprintf("%d.%02d", 1+random.IntN(20), random.IntN(100))
		switch kind := random.IntN(10); kind {
		case 0:
			route := []string{"/cancels", "/reversals"}[random.IntN(2)]
			jobs = append(jobs, job{"cancel", overHTTP(y.ask(route, key, `{"paymentId":"`+y.addPayment("100.00")+`"}`, "not_executed"))})
		case 1:
			jobs = append(jobs, job{"fund", overHTTP(y.ask("/fund-payments", key, y.order(""), "not_executed"))})
		case 2:
			jobs = append(jobs, y.toBalance(key))
		case 3:
			p := y.addPayment("50.00")
			y.ask("/cancels", key, `{"paymentId":"`+p+`"}`, "not_executed")
			jobs = append(jobs, job{"cancel", y.queueing("cancel", queued{key, `{"paymentId":"` + p + `","idempotencyKey":"` + key + `"}`})})
		default:
			allocation := []string{"proportional", "in_order", "iyzico"}[random.IntN(3)]
			body := `{"paymentId":"` + shared + `","amount":"` + amount + `","allocation":"` + allocation + `"}`
			req := y.ask("/refunds", key, body, "not_executed", "partially_succeeded")
			if kind < 6 {
				jobs = append(jobs, job{"refund", y.queueing("refund", queued{key, `{"idempotencyKey":"` + key + `",` + body[1:]})})
			} else {
				jobs = append(jobs, job{"refund", overHTTP(req)})
			}
		}
	}
	return jobs
}

// toBalance asks for a refund to balance and goes with the customer to iyzico and back, and with the merchant to the panel.
func (y *mayhem) toBalance(key string) job {
	req := y.ask("/refunds", key, `{"paymentId":"`+y.addPayment("100.00")+`","destination":"balance"}`)
	var back *apitest.Request
	var token string
	return job{"refund", func(f invoker) (bool, error) {
		if back == nil {
			reply, over, err := once(f, req)
			if err != nil || !over {
				return false, err
			}
			if token = pageToken(reply.Body); token == "" {
				return false, fmt.Errorf("no page: %d %s", reply.Status, reply.Body)
			}
			next := y.confirm(token)
			back = &next
		}
		reply, over, err := once(y.functions["balance-callback"], *back)
		if err != nil || !over {
			return false, err
		}
		if reply.Status != http.StatusOK {
			return false, fmt.Errorf("the customer sees %d %s", reply.Status, reply.Body)
		}
		y.approve(token)
		return true, nil
	}}
}

// allDefinite tells whether every operation is; a person says of payments from a balance that iyzico has none.
func (y *mayhem) allDefinite() bool {
	definite := true
	for _, a := range y.asked {
		again := y.post(a.path, a.key, a.body)
		switch {
		case a.path == "/fund-payments" && again.State == "needs_review":
			y.done200(command("/operations/"+again.ID+"/resolution", "", `{"decision":"not_executed","reason":"iyzico has none","by":"op-17"}`))
		case again.Status != http.StatusUnprocessableEntity && (again.Status != http.StatusOK || strings.HasPrefix(again.State.(string), "awaiting_")):
			definite = false
		case strings.Contains(a.body, `"iyzico"`) && again.Status == http.StatusOK && !y.lineKnown(again.ID):
			definite = false
		}
	}
	return definite
}
