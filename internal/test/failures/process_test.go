package failures

import (
	"context"
	"log/slog"
	"net"
	"runtime"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/secret"
	"github.com/iade/iade/pkg/iyzico"
)

// process is one process of iade, put together as internal/app does it, with hooks at its ports.
type process struct {
	w       *world
	api     *ingress.API
	service *payment.Service

	store   *storePort
	gateway *gatewayPort
	dial    func(n int, dial func() (net.Conn, error)) (net.Conn, error) // nil = connects; n from 1

	skew       time.Duration // how far its clock is ahead
	timersLate time.Duration // how late its timers are: it is frozen for up to that long
	dials      int
}

// habit changes how a process is made.
type habit struct {
	baseURL, secretKey string
	callbackKeys       returnlink.Keys
	options            []iyzico.Option
	perMinute          int
}

// process starts one more process. Hooks are set before it is used.
func (w *world) process(change ...func(*habit)) *process {
	w.t.Helper()
	h := habit{baseURL: "http://127.0.0.1", secretKey: secretKey, callbackKeys: returnlink.Keys{Current: secret.New(callbackKey)}, perMinute: w.settings.RateLimitPerMinute}
	for _, c := range change {
		c(&h)
	}
	p := &process{w: w, store: &storePort{next: w.store}}
	if len(w.skews) > 0 {
		p.skew = w.skews[0]
		w.skews = append(w.skews[1:], p.skew)
	}
	options := append([]iyzico.Option{
		iyzico.WithDialContext(p.connect),
		iyzico.WithClock(func() time.Time { return time.Now().Add(p.timersLate) }),
	}, h.options...)
	client, err := iyzico.New(iyzico.Config{BaseURL: h.baseURL, APIKey: iyzico.Secret(apiKey), SecretKey: iyzico.Secret(h.secretKey)}, options...)
	if err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	pages := returnlink.New(w.settings.PublicBaseURL, returnlink.Fixed(h.callbackKeys))
	quota := psp.WithQuota(psp.New(client, log, time.Now).WithPages(pages), p.store, p.Now, h.perMinute)
	p.gateway = &gatewayPort{next: quota, p: p}
	p.service = payment.NewService(p.store, p.gateway, p, compose.Rules(w.settings, compose.ManyMachines))
	p.service.CountIn(p.store)
	p.service.LimitHints(quota.TakeHint)
	p.service.OnAlarm(func(_ context.Context, a payment.Alarm) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.alarms = append(w.alarms, a)
	})
	p.api = &ingress.API{
		Service: skewed{p.service, p}, Pages: pages, ReturnOrigins: w.settings.ReturnURLOrigins, Log: log, Queue: deadLetters{w}, LoopbackCallbacks: true,
		Schedule: psp.NewSchedule(p.store, p.Now, h.perMinute),
		Notices: psp.NewNotices(func(context.Context) (psp.Keys, error) {
			return psp.Keys{Pair: psp.Pair{APIKey: secret.New(apiKey), SecretKey: secret.New(h.secretKey)}}, nil
		}, "", p.Now),
	}
	return p
}

// Now is the process's own wall clock.
func (p *process) Now() time.Time { return clock.Wall{}.Now().Add(p.skew) }

// Pause implements payment.Clock.
func (p *process) Pause(ctx context.Context, n int) error { return clock.Wall{}.Pause(ctx, n) }

func (p *process) connect(ctx context.Context, _, _ string) (net.Conn, error) {
	p.dials++
	dial := func() (net.Conn, error) { return p.w.wire.dial(ctx) }
	if p.dial == nil {
		return dial()
	}
	return p.dial(p.dials, dial)
}

// die ends the process's work on the event at hand, right here: nothing of it is ever resumed.
func die() { runtime.Goexit() }

// alive runs what a process does until it is done, or dies.
func alive(do func()) bool {
	finished := false
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
		finished = true
	}()
	<-done
	return finished
}

// storePort stands between a process and the store. Its hooks get the number of the call, from 1, and the call itself.
type storePort struct {
	next store

	load   func(n int, load func() (payment.Account, error)) (payment.Account, error)
	save   func(n int, next payment.Account, save func() error) error
	open   func(n int) error
	take   func(n int) error
	count  func(n int, save func() error) error // of what is used of the merchant's own limits
	loads  int
	saves  int
	opens  int
	takes  int
	counts int
}

func (s *storePort) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	s.loads++
	load := func() (payment.Account, error) { return s.next.Load(ctx, id) }
	if s.load == nil {
		return load()
	}
	return s.load(s.loads, load)
}

func (s *storePort) Save(ctx context.Context, next payment.Account) error {
	s.saves++
	save := func() error { return s.next.Save(ctx, next) }
	if s.save == nil {
		return save()
	}
	return s.save(s.saves, next, save)
}

func (s *storePort) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	s.opens++
	if s.open != nil {
		if err := s.open(s.opens); err != nil {
			return nil, "", err
		}
	}
	return s.next.Open(ctx, dueBefore, cursor, limit)
}

func (s *storePort) Take(ctx context.Context, name string, minute time.Time, n int) (int, error) {
	s.takes++
	if s.take != nil {
		if err := s.take(s.takes); err != nil {
			return 0, err
		}
	}
	return s.next.Take(ctx, name, minute, n)
}

func (s *storePort) LoadUse(ctx context.Context, day payment.Day) (payment.Use, error) {
	return s.next.LoadUse(ctx, day)
}

func (s *storePort) SaveUse(ctx context.Context, next payment.Use) error {
	s.counts++
	save := func() error { return s.next.SaveUse(ctx, next) }
	if s.count == nil {
		return save()
	}
	return s.count(s.counts, save)
}

// gatewayPort stands between a process and iyzico.
type gatewayPort struct {
	next payment.Gateway
	p    *process

	before func(payment.Call)                   // after the mark is saved, before anything is sent
	after  func(payment.Call, payment.Answered) // after the answer, before it is saved
	read   func()                               // before a report is read
	seen   func()                               // after a report was read
}

// Send sends with timers that are as late as the process's, and with its deadline by true time.
func (g *gatewayPort) Send(ctx context.Context, c payment.Call) payment.Answered {
	if g.before != nil {
		g.before(c)
	}
	sent := c
	sent.Deadline = c.Deadline.Add(g.p.timersLate - g.p.skew)
	answer := g.next.Send(ctx, sent)
	if g.after != nil {
		g.after(c, answer)
	}
	return answer
}

func (g *gatewayPort) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	if g.read != nil {
		g.read()
	}
	q.Deadline = q.Deadline.Add(g.p.timersLate - g.p.skew)
	report, err := g.next.Read(ctx, q)
	if g.seen != nil {
		g.seen()
	}
	return report, err
}

// ReadDay reads through.
func (g *gatewayPort) ReadDay(ctx context.Context, q payment.DayQuery) (payment.DayList, error) {
	q.Deadline = q.Deadline.Add(g.p.timersLate - g.p.skew)
	return g.next.ReadDay(ctx, q)
}

// skewed gives a service whose clock is ahead the handler's time by that clock.
type skewed struct {
	*payment.Service
	p *process
}

func (s skewed) Request(ctx context.Context, c payment.Command, until time.Time, record payment.Recording) (payment.Result, error) {
	return s.Service.Request(ctx, c, until.Add(s.p.skew), record)
}

func (s skewed) Payment(ctx context.Context, paymentID string, skip int, until time.Time) (payment.PaymentView, error) {
	return s.Service.Payment(ctx, paymentID, skip, until.Add(s.p.skew))
}

func (s skewed) RefreshPayment(ctx context.Context, paymentID string, skip int, until time.Time) (payment.PaymentView, error) {
	return s.Service.RefreshPayment(ctx, paymentID, skip, until.Add(s.p.skew))
}

func (s skewed) PaymentByConversation(ctx context.Context, conversationID string, skip int, until time.Time) (payment.PaymentView, error) {
	return s.Service.PaymentByConversation(ctx, conversationID, skip, until.Add(s.p.skew))
}

func (s skewed) Check(ctx context.Context, operationID string, until time.Time) (payment.Resource, error) {
	return s.Service.Check(ctx, operationID, until.Add(s.p.skew))
}

func (s skewed) Resolve(ctx context.Context, operationID string, d payment.Decision, reason, by string, until time.Time) (payment.Resource, error) {
	return s.Service.Resolve(ctx, operationID, d, reason, by, until.Add(s.p.skew))
}

// deadLetters is the queue that messages come from.
type deadLetters struct{ w *world }

func (deadLetters) Hide(context.Context, string, string, time.Duration) error { return nil }

func (d deadLetters) DeadLetter(_ context.Context, _ string, m ingress.DeadMessage) error {
	d.w.mu.Lock()
	defer d.w.mu.Unlock()
	d.w.parked = append(d.w.parked, m.MessageID+" "+string(m.Reason))
	return nil
}
