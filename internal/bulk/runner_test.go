package bulk_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iade/iade/internal/bulk"
)

// scripted answers each line's requests in turn; the last answer repeats.
type scripted struct {
	posts, gets map[string][]reply // by payment id
	took        time.Duration

	mu       sync.Mutex
	asked    []string // "10000001" for a post, "?10000001" for a look
	inFlight map[string]int
	clashed  bool
	at       []time.Time
}

type reply struct {
	status int
	after  time.Duration
	body   string // OP stands for the line's operation
	known  bool   // Idempotent-Replayed
	err    error
}

func operation(status string) string {
	return fmt.Sprintf(`{"id":"OP","status":%q,"amount":"2.00","refundedAmount":"1.00"}`, status)
}

func problem(slug string) string {
	return fmt.Sprintf(`{"type":"urn:iade:problem:%s","status":422,"detail":"Said so."}`, slug)
}

var succeeded = reply{status: 201, body: operation("succeeded")}

func (s *scripted) answer(script map[string][]reply, name, payment, id string) (bulk.Answer, error) {
	s.mu.Lock()
	s.asked, s.at = append(s.asked, name), append(s.at, time.Now())
	if s.inFlight == nil {
		s.inFlight = map[string]int{}
	}
	s.inFlight[payment]++
	s.clashed = s.clashed || s.inFlight[payment] > 1
	r := succeeded
	if left := script[payment]; len(left) > 0 {
		r = left[0]
		if len(left) > 1 {
			script[payment] = left[1:]
		}
	}
	s.mu.Unlock()
	time.Sleep(s.took)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.inFlight[payment]--
	return bulk.Answer{Status: r.status, RetryAfter: r.after, Replayed: r.known, Body: []byte(strings.ReplaceAll(r.body, "OP", id))}, r.err
}

// Refund implements bulk.API.
func (s *scripted) Refund(_ context.Context, l *bulk.Line) (bulk.Answer, error) {
	return s.answer(s.posts, l.PaymentID, l.PaymentID, l.OperationID)
}

// Operation implements bulk.API.
func (s *scripted) Operation(_ context.Context, id string) (bulk.Answer, error) {
	payment := strings.Split(id, "_")[1]
	return s.answer(s.gets, "?"+payment, payment, id)
}

func (s *scripted) count(name string) int {
	n := 0
	for _, a := range s.asked {
		if a == name {
			n++
		}
	}
	return n
}

func runnerOn(api bulk.API) *bulk.Runner {
	return &bulk.Runner{API: api, Parallel: 4, Patience: 10 * time.Minute, SettleTime: 30 * time.Minute}
}

// fileOf makes a file with a line for each payment.
func fileOf(t *testing.T, payments ...string) bulk.File {
	t.Helper()
	var text strings.Builder
	text.WriteString("paymentId,amount,reference\n")
	for i, p := range payments {
		fmt.Fprintf(&text, "%s,2.00,r%d\n", p, i)
	}
	return read(t, text.String())
}

func TestWhatBecomesOfALine(t *testing.T) {
	t.Parallel()
	lost, away := reply{err: errors.New("connection reset")}, reply{err: fmt.Errorf("%w: refused", bulk.ErrNotReached)}
	for name, c := range map[string]struct {
		posts, gets []reply
		want        string
		posted      int
		looked      int
	}{
		"done":                                    {posts: []reply{succeeded}, want: "succeeded", posted: 1},
		"done by an earlier run":                  {posts: []reply{{status: 200, body: operation("succeeded")}}, want: "succeeded", posted: 1},
		"rate limited, then done":                 {posts: []reply{{status: 429, after: 40 * time.Second}, succeeded}, want: "succeeded", posted: 2},
		"unavailable, then done":                  {posts: []reply{{status: 503, after: time.Second}, succeeded}, want: "succeeded", posted: 2},
		"no answer, then done":                    {posts: []reply{lost, lost, {status: 200, body: operation("succeeded")}}, want: "succeeded", posted: 3},
		"in progress, then done":                  {posts: []reply{{status: 409, after: time.Second, body: problem("in-progress")}, succeeded}, want: "succeeded", posted: 2},
		"legs left, then done":                    {posts: []reply{{status: 202, after: time.Second, body: operation("processing")}, succeeded}, want: "succeeded", posted: 2},
		"unknown, settled":                        {posts: []reply{{status: 202, body: operation("unknown")}}, gets: []reply{{status: 200, body: operation("unknown")}, {status: 503}, {status: 200, body: operation("succeeded")}}, want: "succeeded", posted: 1, looked: 3},
		"unknown, not executed":                   {posts: []reply{{status: 202, body: operation("unknown")}}, gets: []reply{{status: 200, body: operation("not_executed")}}, want: "not_executed", posted: 1, looked: 1},
		"needs a person":                          {posts: []reply{{status: 202, body: operation("needs_review")}}, want: "needs_review", posted: 1},
		"refunded in part":                        {posts: []reply{{status: 201, body: operation("partially_succeeded")}}, want: "partially_succeeded", posted: 1},
		"refused by a rule":                       {posts: []reply{{status: 422, body: problem("exceeds-refundable")}}, want: "refused", posted: 1},
		"not known to iyzico":                     {posts: []reply{{status: 404, body: problem("not-found")}}, want: "refused", posted: 1},
		"refused by iyzico":                       {posts: []reply{{status: 422, body: `{"type":"urn:iade:problem:rejected-by-iyzico","operation":{"id":"OP","status":"rejected"}}`}}, want: "rejected", posted: 1},
		"key of another request":                  {posts: []reply{{status: 422, body: `{"type":"urn:iade:problem:idempotency-key-reused","operation":{"id":"OP","status":"succeeded"}}`}}, want: "refused", posted: 1},
		"our bug, for good":                       {posts: []reply{{status: 500, body: problem("internal")}}, want: "unknown", posted: 20},
		"the payment never listed":                {posts: []reply{{status: 503, after: time.Second, body: problem("unavailable")}}, want: "not_sent", posted: 20},
		"a part":                                  {posts: []reply{{status: 207, body: operation("partially_succeeded")}}, want: "partially_succeeded", posted: 1},
		"the gateway's own 503":                   {posts: []reply{{status: 503, body: `{"message":"Service Unavailable"}`}}, want: "unknown", posted: 20},
		"the gateway's own 504":                   {posts: []reply{{status: 504, body: `{"message":"Endpoint request timed out"}`}}, want: "unknown", posted: 20},
		"a proxy's 502":                           {posts: []reply{{status: 502, body: `<html>`}}, want: "unknown", posted: 20},
		"never reached":                           {posts: []reply{away}, want: "not_sent", posted: 20},
		"lost, then away":                         {posts: []reply{lost, away}, want: "unknown", posted: 20},
		"lost, then unavailable":                  {posts: []reply{lost, {status: 503, after: time.Second, body: problem("unavailable")}}, want: "unknown", posted: 20},
		"lost, then a gateway's limit, then away": {posts: []reply{lost, {status: 429, after: time.Second, body: `{"message":"Too Many Requests"}`}, away}, want: "unknown", posted: 21},
		"a gateway's limit, then away":            {posts: []reply{{status: 429, after: time.Second, body: `{"message":"Too Many Requests"}`}, away}, want: "unknown", posted: 21},
		"iade's limit, then away":                 {posts: []reply{{status: 429, after: time.Second, body: problem("rate-limited")}, away}, want: "not_sent", posted: 21},
		"lost, then refused by a rule":            {posts: []reply{lost, {status: 422, body: problem("exceeds-refundable")}}, want: "refused", posted: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				file := fileOf(t, "10000001")
				api := &scripted{posts: map[string][]reply{"10000001": c.posts}, gets: map[string][]reply{"10000001": c.gets}, took: 50 * time.Millisecond}
				runner := runnerOn(api)
				runner.Patience = time.Hour
				outcomes, err := runner.Run(t.Context(), file.Lines)
				if err != nil || outcomes[0].Status != c.want || outcomes[0].Done() != (c.want == "succeeded") {
					t.Errorf("%+v, %v", outcomes, err)
				}
				if p, l := api.count("10000001"), api.count("?10000001"); p != c.posted || l != c.looked {
					t.Errorf("posted %d times, looked %d times", p, l)
				}
			})
		})
	}
}

// TestWhatThisRunSentIsTold: a second run of the same file must not look like a second refund.
func TestWhatThisRunSentIsTold(t *testing.T) {
	t.Parallel()
	lost := reply{err: errors.New("connection reset")}
	before := reply{status: 200, body: operation("succeeded"), known: true}
	for name, c := range map[string]struct {
		posts []reply
		want  bulk.Sent
	}{
		"taken":                       {[]reply{succeeded}, bulk.SentNow},
		"taken, in pieces":            {[]reply{{status: 202, body: operation("processing")}, before}, bulk.SentNow},
		"known":                       {[]reply{before}, bulk.SentBefore},
		"known, over the limit first": {[]reply{{status: 429, body: problem("rate-limited")}, before}, bulk.SentBefore},
		"lost, then known":            {[]reply{lost, before}, bulk.SentPerhaps},
		"lost, then taken":            {[]reply{lost, succeeded}, bulk.SentNow},
		"refused by a rule":           {[]reply{{status: 422, body: problem("not-refundable")}}, bulk.SentNo},
		"refused by iyzico": {[]reply{{status: 422, body: `{"type":"urn:iade:problem:rejected-by-iyzico","operation":{"id":"OP","status":"rejected"}}`}},
			bulk.SentNow},
		"refused by iyzico before": {[]reply{{status: 422, known: true, body: `{"type":"urn:iade:problem:rejected-by-iyzico","operation":{"id":"OP","status":"rejected"}}`}},
			bulk.SentBefore},
		"never taken": {[]reply{{status: 503, body: problem("unavailable")}}, bulk.SentNo},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &scripted{posts: map[string][]reply{"10000001": c.posts}}
				outcomes, err := runnerOn(api).Run(t.Context(), fileOf(t, "10000001").Lines)
				if outcomes[0].Sent != c.want {
					t.Errorf("%+v, %v", outcomes, err)
				}
			})
		})
	}
}

// TestNoAdviceLeadsToASecondRefund: a key of one's own is advised only where no money moved for certain.
func TestNoAdviceLeadsToASecondRefund(t *testing.T) {
	t.Parallel()
	certain := map[string]bool{"rejected": true, "not_executed": true}
	for _, status := range []string{
		"succeeded", "partially_succeeded", "rejected", "not_executed", "needs_review", "processing", "unknown", "not_sent", "not_asked", "refused", "of a later version",
	} {
		do := bulk.Outcome{Status: status}.ToDo()
		if do == "" || strings.Contains(do, "key") != certain[status] || strings.Contains(do, "no money moved") != (certain[status] || status == "refused") {
			t.Errorf("%s: %s", status, do)
		}
	}
	if do := (bulk.Outcome{Status: "refused", KeyUsed: true}).ToDo(); strings.Contains(do, "no money moved") || !strings.Contains(do, "in addition") {
		t.Error(do)
	}
}

func TestARunStopsWhereNothingCanBeAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		reply reply
		want  string
	}{
		"credentials":            {reply{status: 403, body: `{"message":"Forbidden"}`}, "let us in"},
		"another server":         {reply{status: 404, body: `<html>`}, "not iade's API"},
		"another server says ok": {reply{status: 200, body: `{"id":"something","status":"succeeded"}`}, "not iade's API"},
		"nobody there":           {reply{err: errors.New("connection refused")}, "took nothing"},
		"never a slot":           {reply{status: 429, after: 30 * time.Second}, "took nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &scripted{posts: map[string][]reply{}}
				var payments []string
				for i := range 200 {
					payments = append(payments, fmt.Sprint(10000001+i))
					api.posts[payments[i]] = []reply{c.reply}
				}
				outcomes, err := runnerOn(api).Run(t.Context(), fileOf(t, payments...).Lines)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v", err)
				}
				if len(api.asked) > 150 {
					t.Errorf("%d requests before it stopped", len(api.asked))
				}
				for _, o := range outcomes {
					if o.Done() {
						t.Fatalf("%+v", o)
					}
				}
			})
		})
	}
}

func TestAPaymentHasOneRequestInFlightAndItsLinesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		file := fileOf(t, "10000001", "10000002", "10000001", "10000001", "10000002", "10000003")
		api := &scripted{took: time.Second, posts: map[string][]reply{"10000001": {{status: 429, after: 5 * time.Second}, succeeded}}}
		outcomes, err := runnerOn(api).Run(t.Context(), file.Lines)
		if err != nil || api.clashed || len(api.asked) != 7 {
			t.Errorf("%v, clashed %v, asked %q, %+v", err, api.clashed, api.asked, outcomes)
		}
	})
}

func TestRefusalsInARowPauseEverythingUntilRetryAfter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scripted{took: 10 * time.Millisecond, posts: map[string][]reply{}}
		var payments []string
		for i := range 100 {
			payments = append(payments, fmt.Sprint(10000001+i))
			if i < 20 {
				api.posts[payments[i]] = []reply{{status: 429, after: 30 * time.Second}, succeeded}
			}
		}
		began := time.Now()
		if _, err := runnerOn(api).Run(t.Context(), fileOf(t, payments...).Lines); err != nil {
			t.Fatal(err)
		}
		early := 0
		for _, at := range api.at {
			if at.Sub(began) < 29*time.Second {
				early++
			}
		}
		if early > 8 {
			t.Errorf("%d requests while the limit was used up; 4 are under way at once", early)
		}
	})
}

func TestStoppingWaitsForAnswersUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scripted{took: 3 * time.Second}
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(4*time.Second, stop)
		var payments []string
		for i := range 20 {
			payments = append(payments, fmt.Sprint(10000001+i))
		}
		outcomes, err := runnerOn(api).Run(ctx, fileOf(t, payments...).Lines)
		done, notAsked := 0, 0
		for _, o := range outcomes {
			if o.Done() {
				done++
			} else if o.Status == bulk.StatusNotAsked && o.Again() {
				notAsked++
			}
		}
		if err != nil || done != 8 || notAsked != 12 || len(api.asked) != 8 {
			t.Errorf("%d done, %d not asked, %d requests, %v", done, notAsked, len(api.asked), err)
		}
	})
}

func TestWaitingForTheUnknownEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scripted{
			posts: map[string][]reply{"10000001": {{status: 202, body: operation("unknown")}}},
			gets:  map[string][]reply{"10000001": {{status: 200, body: operation("unknown")}}},
		}
		began := time.Now()
		outcomes, err := runnerOn(api).Run(t.Context(), fileOf(t, "10000001").Lines)
		if err != nil || outcomes[0].Status != bulk.StatusUnknown || !outcomes[0].Again() || time.Since(began) != 30*time.Minute {
			t.Errorf("%+v, %v after %s", outcomes, err, time.Since(began))
		}
	})
}

func TestTheCountsAddUpAllTheTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scripted{
			took: time.Second,
			posts: map[string][]reply{
				"10000001": {{status: 202, body: operation("unknown")}}, "10000002": {{status: 422, body: problem("not-refundable")}},
				"10000003": {{status: 429, after: 20 * time.Second}, succeeded},
			},
			gets: map[string][]reply{"10000001": {{status: 200, body: operation("unknown")}, {status: 200, body: operation("succeeded")}}},
		}
		var last bulk.Tally
		seen := 0
		runner := runnerOn(api)
		runner.Watch = func(t2 bulk.Tally) {
			if t2.Left() < 0 || t2.Unknown < 0 || t2.Done < last.Done || t2.Failed < last.Failed {
				t.Errorf("%+v after %+v", t2, last)
			}
			last = t2
			seen++
		}
		if _, err := runner.Run(t.Context(), fileOf(t, "10000001", "10000002", "10000003", "10000004").Lines); err != nil {
			t.Fatal(err)
		}
		if want := (bulk.Tally{Total: 4, Done: 3, Failed: 1, Settling: true}); last != want {
			t.Errorf("%+v", last)
		}
		if seen < 20 {
			t.Errorf("looked %d times in half a minute", seen)
		}
	})
}

var update = flag.Bool("update", false, "write the golden report")

func TestTheReport(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := &scripted{posts: map[string][]reply{
			"10000002": {{status: 422, body: problem("exceeds-refundable")}},
			"10000003": {{status: 422, body: `{"type":"urn:iade:problem:rejected-by-iyzico","detail":"iyzico refused the request; no money was moved.","operation":{"id":"OP","status":"rejected"},"iyzico":{"errorCode":"10051","errorMessage":"Kart limiti yetersiz, \"yetersiz bakiye\""}}`}},
			"10000004": {{status: 202, body: operation("needs_review")}},
			"10000005": {{status: 207, body: operation("partially_succeeded")}},
			"10000001": {{status: 200, known: true, body: `{"id":"OP","status":"succeeded","amount":"1.50","currency":"TRY","customerReference":"4242","iyzico":{"hostReference":"no"}}`}},
			"10000008": {{status: 201, body: `{"id":"OP","status":"succeeded","amount":"71.00","currency":"TRY","legs":[{"iyzico":{"hostReference":"a","refundHostReference":"h1"}},{"iyzico":{"hostReference":"h2"}},{"iyzico":{"hostReference":"h2"}}]}`}},
			"10000006": {{err: errors.New("reset")}},
			"10000007": {{status: 202, body: operation("unknown")}},
		}, gets: map[string][]reply{"10000007": {{status: 200, body: operation("not_executed")}}}}
		for _, c := range []struct{ golden, text string }{
			{"report.csv", "paymentId,amount,key,reference,full\n10000001,1,k1,=1+1,\n\n10000002,1,k2,seat 2,\n10000003,1,,,\n10000004,1,k4,,\n10000005,1,k5,,\n10000006,1,k6,,\n10000007,1,k7,,\n10000008,,k8,,true\n"},
			{"report-excel.csv", "\ufeffpaymentId;amount;key\r\n10000001;1,50;k1\r\n10000002;1;k2\r\n"},
		} {
			file, err := bulk.Read(strings.NewReader(c.text), bulk.Options{KeyPrefix: bulk.DefaultKeyPrefix, DecimalComma: strings.Contains(c.text, ";")})
			if err != nil {
				t.Fatal(err)
			}
			runner := runnerOn(api)
			runner.Patience = time.Hour
			outcomes, err := runner.Run(t.Context(), file.Lines)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			if err := bulk.WriteReport(&got, file, outcomes); err != nil {
				t.Fatal(err)
			}
			golden := "testdata/" + c.golden
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || !bytes.Equal(got.Bytes(), want) {
				t.Errorf("%v\n%s", err, &got)
			}
		}
	})
}
