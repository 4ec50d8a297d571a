//go:build linux

package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// traffic is everybody who uses the system under soak: callers, their customers, operators, and the person who plays
// iyzico's faults. It is safe for concurrent use.
type traffic struct {
	api, fake string
	client    *http.Client
	began     time.Time

	mu         sync.Mutex
	latencies  map[string][]timed
	answers    map[int]int
	operations map[string]acceptedAs
	faults     map[string]int
	wrong      []string // what no caller should meet
	keys       int
}

// acceptedAs is a request that was accepted as an operation, to look at it and to ask again.
type acceptedAs struct{ path, key, body string }

// timed is how long an answer took, and when in the run.
type timed struct{ at, took time.Duration }

func newTraffic(api, fake string) *traffic {
	return &traffic{
		api: api, fake: fake, began: time.Now(),
		client: &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 32},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		latencies: map[string][]timed{}, answers: map[int]int{}, operations: map[string]acceptedAs{}, faults: map[string]int{},
	}
}

func (x *traffic) complain(format string, args ...any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.wrong) < 50 {
		x.wrong = append(x.wrong, fmt.Sprintf(format, args...))
	}
}

func (x *traffic) key() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.keys++
	return fmt.Sprintf("soak-%d", x.keys)
}

// answered is an API's answer, its JSON read as far as it is an object.
type answered struct {
	status   int
	replayed bool
	text     string
	body     struct {
		ID          string          `json:"id"`
		Kind        string          `json:"kind"`
		Status      json.RawMessage `json:"status"`
		PaymentID   string          `json:"paymentId"`
		RedirectURL string          `json:"redirectUrl"`
		Refunded    string          `json:"refundedAmount"`
		Amount      string          `json:"amount"`
		PaidPrice   string          `json:"paidPrice"`
		Operations  []struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		} `json:"operations"`
		NextCursor string `json:"nextCursor"`
		Operation  struct {
			ID string `json:"id"`
		} `json:"operation"`
	}
}

// operationID is the operation that the answer is about, also that of a problem.
func (a answered) operationID() string { return cmp.Or(a.body.ID, a.body.Operation.ID) }

func (a answered) is(status string) bool { return string(a.body.Status) == `"`+status+`"` }

// ask makes one request of the API and notes its answer under a route's name.
func (x *traffic) ask(ctx context.Context, route, method, target, key, body string) answered {
	var a answered
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		x.complain("%s: %v", route, err)
		return a
	}
	switch {
	case strings.HasPrefix(body, "token="):
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case body != "":
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	began := time.Now()
	answer, err := x.client.Do(req)
	if err != nil {
		x.complain("%s: %v", route, err)
		return a
	}
	data, err := io.ReadAll(answer.Body)
	took := time.Since(began)
	if closing := answer.Body.Close(); err != nil || closing != nil {
		x.complain("%s: %v %v", route, err, closing)
		return a
	}
	a.status, a.replayed, a.text = answer.StatusCode, answer.Header.Get("Idempotent-Replayed") == "true", string(data)
	if bytes.HasPrefix(data, []byte("{")) {
		_ = json.Unmarshal(data, &a.body) // events are lines of JSON: what is no object is not looked into
	}
	if a.status >= 500 && a.status != http.StatusServiceUnavailable {
		x.complain("%s: %d %s", route, a.status, data)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.latencies[route] = append(x.latencies[route], timed{began.Sub(x.began), took})
	x.answers[a.status]++
	return a
}

// control uses the fake's control side.
func (x *traffic) control(ctx context.Context, method, path, body string, into any) {
	req, err := http.NewRequestWithContext(ctx, method, x.fake+path, strings.NewReader(body))
	if err != nil {
		x.complain("fake %s: %v", path, err)
		return
	}
	answer, err := x.client.Do(req)
	if err != nil {
		x.complain("fake %s: %v", path, err)
		return
	}
	data, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%d %s", answer.StatusCode, data)
	}
	if err == nil && into != nil {
		err = json.Unmarshal(data, into)
	}
	if closing := answer.Body.Close(); err != nil || closing != nil {
		x.complain("fake %s: %v %v", path, err, closing)
	}
}

// command asks for an operation as the README tells callers to: again with the same key after 409, 429 and 503, and while
// it is processing, which goes on with the legs that are left. What was accepted is looked at when the run ends.
func (x *traffic) command(ctx context.Context, route, path, key, body string) answered {
	var a answered
	for range 5 {
		a = x.ask(ctx, route, http.MethodPost, x.api+path, key, body)
		if id := a.operationID(); id != "" {
			x.mu.Lock()
			x.operations[id] = acceptedAs{path, key, body}
			x.mu.Unlock()
		}
		again := a.status == http.StatusConflict || a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable
		if !again && !a.is("processing") {
			break
		}
		if clock.Sleep(ctx, 200*time.Millisecond) != nil {
			break
		}
	}
	return a
}

type soakPayment struct {
	PaymentID string
	Lines     []struct{ PaymentTransactionID string }
}

func (x *traffic) payment(ctx context.Context, paid ...string) soakPayment {
	var p soakPayment
	lines := make([]string, len(paid))
	for i, price := range paid {
		lines[i] = fmt.Sprintf(`{"paidPrice":%q}`, price)
	}
	x.control(ctx, http.MethodPost, "/_fake/payments", `{"lines":[`+strings.Join(lines, ",")+`]}`, &p)
	return p
}

// scene is one thing that somebody does, with how often of a hundred times.
type scene struct {
	share int
	play  func(*traffic, context.Context, *rand.Rand)
}

// scenes are the mixed traffic.
var scenes = []scene{
	{25, (*traffic).refundOfALine},
	{12, (*traffic).refundOfSeveralLines},
	{10, (*traffic).cancel},
	{12, (*traffic).refundToBalance},
	{13, (*traffic).fundPayment},
	{13, (*traffic).looking},
	{15, (*traffic).badInput},
}

// play runs scenes until ctx ends, and between two of them waits where samples are taken.
func (x *traffic) play(ctx context.Context, choice *rand.Rand, gate *sync.RWMutex) {
	for ctx.Err() == nil {
		n := choice.IntN(100)
		for _, s := range scenes {
			if n -= s.share; n < 0 {
				gate.RLock()
				s.play(x, context.WithoutCancel(ctx), choice)
				gate.RUnlock()
				break
			}
		}
		_ = clock.Sleep(ctx, time.Duration(choice.IntN(60))*time.Millisecond) // ctx is looked at above
	}
}

// same asks again with the key of something that was done: nothing is sent, and the answer is the same operation.
func (x *traffic) same(ctx context.Context, path, key, body string, first answered) {
	if first.status != http.StatusCreated {
		return
	}
	if a := x.ask(ctx, "a replay", http.MethodPost, x.api+path, key, body); a.status != http.StatusOK || !a.replayed || a.body.ID != first.body.ID {
		x.complain("replay of %s: %d %v %s", first.body.ID, a.status, a.replayed, a.text)
	}
}

func (x *traffic) refundOfALine(ctx context.Context, choice *rand.Rand) {
	p := x.payment(ctx, "100.00")
	for i := range 1 + choice.IntN(3) {
		key := x.key()
		body := fmt.Sprintf(`{"paymentId":%q,"paymentTransactionId":%q,"amount":"%d.%02d","reason":"BUYER_REQUEST"}`, p.PaymentID,
			p.Lines[0].PaymentTransactionID, 10+i, choice.IntN(100))
		a := x.command(ctx, "POST /refunds, one line", "/refunds", key, body)
		x.same(ctx, "/refunds", key, body, a)
		if a.body.ID != "" {
			x.ask(ctx, "GET /refunds/{id}", http.MethodGet, x.api+"/refunds/"+a.body.ID, "", "")
		}
	}
}

func (x *traffic) refundOfSeveralLines(ctx context.Context, choice *rand.Rand) {
	p := x.payment(ctx, "60.00", "30.00", "10.00")
	body := fmt.Sprintf(`{"paymentId":%q,"amount":"50.00","allocation":"proportional"}`, p.PaymentID)
	switch choice.IntN(3) {
	case 0:
		body = fmt.Sprintf(`{"paymentId":%q,"full":true}`, p.PaymentID)
	case 1:
		body = fmt.Sprintf(`{"paymentId":%q,"amount":"70.00","allocation":"in_order"}`, p.PaymentID)
	}
	if a := x.ask(ctx, "a preview", http.MethodPost, x.api+"/refunds/preview", "", body); a.status != http.StatusOK && a.status != http.StatusServiceUnavailable {
		x.complain("preview: %d %s", a.status, a.text)
	}
	key := x.key()
	x.same(ctx, "/refunds", key, body, x.command(ctx, "POST /refunds, up to three legs", "/refunds", key, body))
}

func (x *traffic) cancel(ctx context.Context, _ *rand.Rand) {
	p := x.payment(ctx, "40.00", "35.00")
	key, body := x.key(), fmt.Sprintf(`{"paymentId":%q}`, p.PaymentID)
	a := x.command(ctx, "POST /cancels", "/cancels", key, body)
	x.same(ctx, "/cancels", key, body, a)
	if a.body.ID != "" {
		x.ask(ctx, "GET /cancels/{id}", http.MethodGet, x.api+"/cancels/"+a.body.ID, "", "")
	}
}

// refundToBalance plays customer, browser and merchant too. A customer who declines leaves it to an operator.
func (x *traffic) refundToBalance(ctx context.Context, choice *rand.Rand) {
	p := x.payment(ctx, "120.00")
	key, body := x.key(), fmt.Sprintf(`{"paymentId":%q,"destination":"balance","locale":"en"}`, p.PaymentID)
	a := x.command(ctx, "POST /refunds, to balance", "/refunds", key, body)
	if !a.is("awaiting_customer") {
		return
	}
	token := a.body.RedirectURL[strings.LastIndexByte(a.body.RedirectURL, '/')+1:]
	says := "confirm"
	if choice.IntN(4) == 0 {
		says = "decline"
	}
	var next struct {
		URL  string
		Form map[string]string
	}
	x.control(ctx, http.MethodPost, "/_fake/balance-refunds/"+token+"/"+says, "", &next)
	form := url.Values{}
	for name, value := range next.Form {
		form.Set(name, value)
	}
	if a := x.ask(ctx, "the browser coming back", http.MethodPost, next.URL, "", form.Encode()); a.status != http.StatusOK {
		x.complain("callback: %d %s", a.status, a.text)
	}
	if says == "confirm" {
		x.control(ctx, http.MethodPost, "/_fake/balance-refunds/"+token+"/approve", "", nil)
		return
	}
	x.resolve(ctx, a.body.ID, "not_executed")
}

func (x *traffic) resolve(ctx context.Context, id, decision string) {
	body := fmt.Sprintf(`{"decision":%q,"reason":"seen in the panel","by":"ops-1"}`, decision)
	x.ask(ctx, "POST /operations/{id}/resolution", http.MethodPost, x.api+"/operations/"+id+"/resolution", "", body)
}

func (x *traffic) fundPayment(ctx context.Context, _ *rand.Rand) {
	var session struct{ SessionToken, MemberIdentifier string }
	x.control(ctx, http.MethodPost, "/_fake/sessions", `{"balance":"50.00"}`, &session)
	body := strings.NewReplacer("7dbd06d023712b32c0964dcc971212a1", session.SessionToken, "992cab6b8d035d5edb2f5d3d5a6806ce", session.MemberIdentifier).
		Replace(walkthroughOrder)
	key := x.key()
	a := x.command(ctx, "POST /fund-payments", "/fund-payments", key, body)
	x.same(ctx, "/fund-payments", key, body, a)
	if a.is("succeeded") {
		x.command(ctx, "POST /refunds, one line", "/refunds", x.key(), fmt.Sprintf(`{"paymentId":%q,"full":true}`, a.body.PaymentID))
	}
}

func (x *traffic) looking(ctx context.Context, _ *rand.Rand) {
	p := x.payment(ctx, "10.00")
	x.ask(ctx, "GET /payments/{id}", http.MethodGet, x.api+"/payments/"+p.PaymentID, "", "")
	a := x.ask(ctx, "GET /operations", http.MethodGet, x.api+"/operations", "", "")
	for _, op := range a.body.Operations {
		if op.Status == "unknown" {
			x.ask(ctx, "POST /operations/{id}/check", http.MethodPost, x.api+"/operations/"+op.ID+"/check", "", "")
			break
		}
	}
	x.ask(ctx, "GET /_local/events", http.MethodGet, x.api+eventsPath+"?after=0", "", "")
	if a := x.ask(ctx, "GET /health", http.MethodGet, x.api+"/health", "", ""); a.status != http.StatusOK {
		x.complain("health: %d", a.status)
	}
}

// badInput is what is refused before anything is read or sent, and what rules refuse.
func (x *traffic) badInput(ctx context.Context, choice *rand.Rand) {
	p := x.payment(ctx, "5.00")
	bad := []struct {
		path, key, body string
		want            []int
	}{
		{"/refunds", x.key(), `{"paymentId":`, []int{400}},
		{"/refunds", "", fmt.Sprintf(`{"paymentId":%q,"full":true}`, p.PaymentID), []int{400}},
		{"/refunds", x.key(), fmt.Sprintf(`{"paymentId":%q,"amount":"-1","surprise":[[[[[]]]]]}`, p.PaymentID), []int{400}},
		{"/refunds", x.key(), `{"paymentId":"1","description":"` + strings.Repeat("x", 70<<10) + `"}`, []int{413}},
		{"/nothing", x.key(), `{}`, []int{404}},
		{"/refunds", x.key(), `{"paymentId":"99999999","full":true}`, []int{404, 503}},
		{"/refunds", x.key(), fmt.Sprintf(`{"paymentId":%q,"amount":"5.01"}`, p.PaymentID), []int{422, 503}},
		{"/refunds", x.key(), fmt.Sprintf(`{"paymentId":%q,"paymentTransactionId":"1","amount":"1.00"}`, p.PaymentID), []int{422, 503}},
	}
	b := bad[choice.IntN(len(bad))]
	a := x.ask(ctx, "bad input", http.MethodPost, x.api+b.path, b.key, b.body)
	for _, want := range b.want {
		if a.status == want {
			return
		}
	}
	x.complain("bad input %.80s: %d %s", b.body, a.status, a.text)
}

// soakFaults are what goes wrong at iyzico. Its limit is left out: it would stop an endpoint for a minute.
var soakFaults = []iyzicotest.Fault{
	{Mode: iyzicotest.FaultResetBefore}, {Mode: iyzicotest.FaultResetAfter}, {Mode: iyzicotest.FaultHangBefore}, {Mode: iyzicotest.FaultHangAfter},
	{Mode: iyzicotest.FaultLate, DelayMS: 500}, {Mode: iyzicotest.FaultStatus500Before}, {Mode: iyzicotest.FaultStatus500After},
	{Mode: iyzicotest.FaultHTML502}, {Mode: iyzicotest.FaultTruncatedAfter}, {Mode: iyzicotest.FaultBadSignature},
	{Mode: iyzicotest.FaultMissingEcho}, {Mode: iyzicotest.FaultWrongEcho}, {Mode: iyzicotest.FaultRefuse},
	{Mode: iyzicotest.FaultRefuseAfter, ErrorCode: "10219"}, {Mode: iyzicotest.FaultSlow, DelayMS: 3000},
}

// spoil scripts a fault every so often, mostly for money, sometimes for the report, until ctx ends.
func (x *traffic) spoil(ctx context.Context, choice *rand.Rand) {
	for clock.Sleep(ctx, time.Duration(300+choice.IntN(400))*time.Millisecond) == nil {
		f := soakFaults[choice.IntN(len(soakFaults))]
		f.Path, f.Times = "*", 1
		if choice.IntN(5) == 0 {
			f = iyzicotest.Fault{Path: "/v2/reporting/payment/details", Mode: iyzicotest.FaultHTML502, Times: 1}
		}
		body, err := json.Marshal(f)
		if err != nil {
			x.complain("%v", err)
			return
		}
		x.control(context.WithoutCancel(ctx), http.MethodPost, "/_fake/faults", string(body), nil)
		x.mu.Lock()
		x.faults[f.Mode]++
		x.mu.Unlock()
	}
}
