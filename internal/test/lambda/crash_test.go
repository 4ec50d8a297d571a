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

	apitest "github.com/iade/iade/internal/test/api"
	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/runtimeapi"
)

// flow is something that a function does from an event to its end, and every exchange of its process on the way.
type flow struct {
	name     string
	function string // whose process is killed
	// exchanges are what the process asks of others when nobody disturbs it, to the letter: a call that is added or moved
	// must be added here, and is then killed at.
	exchanges []string
	// arrange puts in place what the flow needs and gives the process its events, one at a time, until it is over.
	arrange func(s *scene) delivery
	// moved says how often money was moved in the end, where the process was killed at a point.
	moved func(exchanges []string, at point) int
	// finish goes on where the flow is not the end of what was asked for.
	finish func(s *scene)
}

// scene is a stack of its own for one run of a flow.
type scene struct {
	*deployment

	bus   *messaging
	asked []*asked
	token string // of the page at iyzico that the customer confirmed on
}

// asked is an operation that the scene asked for.
type asked struct {
	path, key, body string
	ends            []string // the statuses that it may end in, besides succeeded
}

// ask notes a request for an operation and gives it back.
func (s *scene) ask(path, key, body string, ends ...string) apitest.Request {
	s.asked = append(s.asked, &asked{path, key, body, ends})
	return command(path, key, body)
}

// The settings of scenes.
var sceneSettings = []string{
	"IYZICO_TIMEOUT=20s", "SETTLE_WINDOW=1s", "CALLBACK_STATE_KEY=" + testCallbackKey, "PUBLIC_BASE_URL=" + apitest.PublicURL, "LOG_LEVEL=info",
}

func newScene(t testing.TB, endpoint string) *scene {
	t.Helper()
	d, m := deployBus(t, endpoint, sceneSettings...)
	return &scene{deployment: d, bus: m}
}

// hasty is the IYZICO_TIMEOUT of processes whose attempts are lost: they settle after it.
const hasty = 3 * time.Second

// scenesAtOnce bounds how many scenes of one flow wait for their operations to settle at the same time.
const scenesAtOnce = 16

// TestAProcessMayBeKilledAtEveryExchange runs each flow undisturbed and then kills its process before and after each of its
// exchanges. Each time the same request is delivered again to new processes, as its caller or its queue would, what is
// unknown is settled, and the invariants are checked against what iyzico really did and what was published (I1, I2, I6, I7,
// I8).
//
// failure 1, 3, 4, 5, 10, 11: SIGKILL of the built functions before and after each exchange of each flow
func TestAProcessMayBeKilledAtEveryExchange(t *testing.T) {
	t.Parallel()
	endpoint := dynamotest.Endpoint(t)
	for _, f := range flows() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			if !f.undisturbed(t, endpoint) {
				return
			}
			turn := make(chan struct{}, scenesAtOnce)
			var all sync.WaitGroup
			for n := range f.exchanges {
				for _, after := range []bool{false, true} {
					at := point{n + 1, after}
					all.Go(func() {
						turn <- struct{}{}
						defer func() { <-turn }()
						t.Run(at.in(f.exchanges), func(t *testing.T) { f.killedAt(t, endpoint, at) })
					})
				}
			}
			all.Wait()
			t.Logf("%d crash points of %d exchanges", 2*len(f.exchanges), len(f.exchanges))
		})
	}
}

// in names a point of a flow.
func (p point) in(exchanges []string) string {
	when := "before"
	if p.after {
		when = "after"
	}
	return fmt.Sprintf("%s %d %s", when, p.exchange, strings.ReplaceAll(exchanges[p.exchange-1], "/", "."))
}

// tries is how often a run is repeated because a minute ended in it, so that the calls of the next one were counted anew,
// which is an exchange more; or because the machine was so busy that a hasty attempt came too late to be sent.
const tries = 6

// undisturbed runs the flow once and compares the exchanges with the ones that it is to have.
func (f *flow) undisturbed(t *testing.T, endpoint string) bool {
	return t.Run("undisturbed", func(t *testing.T) {
		for try := 1; ; try++ {
			s := newScene(t, endpoint)
			deliver := f.arrange(s)
			g := s.newGate(s.bus)
			victim := s.victim(f.function, g)
			began := time.Now()
			f.untilOver(t, deliver, victim)
			if got := g.exchanges(); !slices.Equal(got, f.exchanges) {
				if try < tries && minuteEnded(began) {
					continue
				}
				t.Fatalf("it exchanges\n\t\t%q,\nnot\n\t\t%q", got, f.exchanges)
			}
			f.check(t, s, point{})
			return
		}
	})
}

// killedAt kills the process at one point of the flow and follows what becomes of it.
func (f *flow) killedAt(t *testing.T, endpoint string, at point) {
	for try := 1; ; try++ {
		s := newScene(t, endpoint)
		deliver := f.arrange(s)
		g := s.newGate(s.bus)
		g.at = at
		victim := s.victim(f.function, g, "IYZICO_TIMEOUT="+hasty.String())
		began := time.Now()
		var err error
		for over := false; !over && err == nil; {
			over, err = deliver(victim)
		}
		if got := g.exchanges(); !slices.Equal(got, f.exchanges[:at.exchange]) {
			if try < tries && (minuteEnded(began) || time.Since(began) > hasty) {
				continue
			}
			t.Fatalf("it exchanged %q before it was to be killed", got)
		}
		if !errors.Is(err, runtimeapi.ErrEnded) {
			t.Fatalf("the invocation ended with %v", err)
		}
		s.close() // what comes now comes to new processes
		s.reconcile()
		f.untilOver(t, deliver, s.function(f.function))
		f.check(t, s, at)
		return
	}
}

// minuteEnded tells whether one did since then.
func minuteEnded(since time.Time) bool {
	return time.Now().Truncate(time.Minute).After(since)
}

// victim is an environment whose process talks to everything through the gate.
func (s *scene) victim(function string, g *gate, settings ...string) *runtimeapi.Environment {
	s.t.Helper()
	config := s.config(function)
	config.Env = slices.Concat(config.Env, g.env, settings)
	victim := runtimeapi.NewEnvironment(config)
	s.t.Cleanup(victim.Kill)
	g.kill = victim.Kill
	return victim
}

// untilOver delivers until the flow is over.
func (f *flow) untilOver(t *testing.T, deliver delivery, to invoker) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		over, err := deliver(to)
		if err != nil {
			t.Fatal(err)
		}
		if over {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("it is never over")
		}
	}
}

// check finishes what was asked for and holds it against the invariants.
func (f *flow) check(t *testing.T, s *scene, at point) {
	t.Helper()
	if f.finish != nil {
		if at.exchange == 0 {
			s.reconcile()
		}
		f.finish(s)
	}
	if got, want := len(s.fake.Ledger().Executions("")), f.moved(f.exchanges, at); got != want {
		t.Errorf("money was moved %d times, want %d: %+v", got, want, s.fake.Ledger().Executions(""))
	}
	checkInvariants(t, s)
	if t.Failed() {
		t.Logf("log: %s", logged(t, s.log))
	}
}

// sent is what iyzico executes of the n money requests of one operation when the process that sends them is killed. Killed
// before anything is saved, it leaves no trace, and the next delivery does it all. Killed later, what was sent is done, and
// what was marked and not sent is not (I2).
func sent(path string, n int) func([]string, point) int {
	return func(exchanges []string, at point) int {
		if at.exchange == 0 || !at.reached(slices.IndexFunc(exchanges, isSave)) {
			return n
		}
		moved := 0
		for i, x := range exchanges {
			if x == "iyzico POST "+path && at.reached(i) {
				moved++
			}
		}
		return moved
	}
}

// apart is what iyzico executes of the requests on a path when each is an operation of its own: one is lost if the process is
// killed between its mark and iyzico.
func apart(path string) func([]string, point) int {
	return func(exchanges []string, at point) int {
		moved, mark := 0, 0
		for i, x := range exchanges {
			switch {
			case isSave(x):
				mark = i
			case x == "iyzico POST "+path && (at.exchange == 0 || at.reached(i) || !at.reached(mark)):
				moved++
			}
		}
		return moved
	}
}

// reached tells whether the exchange with an index took effect before the process was killed.
func (p point) reached(i int) bool { return i < p.exchange-1 || (i == p.exchange-1 && p.after) }

func isSave(exchange string) bool { return strings.HasPrefix(exchange, "store PutItem") }

// plus adds what was moved before the flow.
func plus(n int, moved func([]string, point) int) func([]string, point) int {
	return func(exchanges []string, at point) int { return n + moved(exchanges, at) }
}

// andBack adds the refund that finishFundPayment makes of each payment that was made.
func andBack(moved func([]string, point) int) func([]string, point) int {
	return func(exchanges []string, at point) int { return 2 * moved(exchanges, at) }
}

// unlessMarked is one movement, but for the crashes between the mark of a request and the request itself: what is marked is never
// sent, and what was before it moved nothing.
func unlessMarked(request string) func([]string, point) int {
	return func(exchanges []string, at point) int {
		sent := slices.Index(exchanges, request)
		mark := sent - 1
		for !isSave(exchanges[mark]) {
			mark--
		}
		if at.exchange > 0 && at.reached(mark) && !at.reached(sent) {
			return 0
		}
		return 1
	}
}

// always is a number that no crash changes.
func always(n int) func([]string, point) int { return func([]string, point) int { return n } }

// overHTTP delivers a command until it has a definite answer.
func overHTTP(req apitest.Request) delivery {
	return func(f invoker) (bool, error) {
		_, over, err := once(f, req)
		return over, err
	}
}

// once delivers a request and tells whether its answer is definite.
func once(f invoker, req apitest.Request) (reply apitest.Reply, over bool, err error) {
	_, routeKey, params := routed(req.Method, req.Path)
	if reply, err = invoke(f, req, routeKey, params); err != nil {
		return reply, false, err
	}
	switch reply.Status {
	case http.StatusCreated, http.StatusOK, http.StatusMultiStatus, http.StatusSeeOther, http.StatusUnprocessableEntity, http.StatusNoContent:
		return reply, true, nil
	case http.StatusAccepted:
		return reply, strings.Contains(string(reply.Body), `"status":"needs_review"`), nil
	case http.StatusConflict, http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return reply, false, nil
	}
	return reply, false, fmt.Errorf("answered %d %s", reply.Status, reply.Body)
}
