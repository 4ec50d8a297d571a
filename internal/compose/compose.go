// Package compose puts the service together: settings and ports in, the domain's service and the API out. Lambdas,
// cmd/local and the tests of the whole are all made here, so that a rule that reads a setting cannot be forgotten in one of
// them.
package compose

import (
	"context"
	"io"
	"log/slog"
	"time"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/returnlink"
)

// ManyMachines is how far apart the clocks of two Lambdas may be, many times over. One machine has one clock: 0.
const ManyMachines = 10 * time.Second

// accountsAtOnce is how many accounts a pass of the reconciler looks at side by side. A report that hangs holds up one of them, for
// the 6 seconds that a read may take.
const accountsAtOnce = 8

// Store is what is needed of a store: accounts, what is used of the merchant's own limits, and the counters of calls.
type Store interface {
	payment.Store
	payment.UseStore
	psp.Slots
}

// Ports are the outside.
type Ports struct {
	// Store keeps accounts and counts calls.
	Store Store
	// Journal keeps every change; nil = none is kept, and only what is unfinished is listed.
	Journal journal.Store
	// Days keeps closed days; nil = none are closed. It needs Journal.
	Days dayclose.Store
	// DayEvents takes the events of closed days; nil: this process shows days and closes none.
	DayEvents dayclose.Publisher
	// Iyzico makes the calls, without a limit of its own. Nil: this process must never reach iyzico; a send is then not_sent,
	// and a read CodeUnavailable.
	Iyzico payment.Gateway
	// Clock is the wall clock.
	Clock payment.Clock
	// ClockTolerance is how far apart the clocks of two processes on the same store may be.
	ClockTolerance time.Duration
	// Pages signs and reads the links by which customers come back; nil = no refunds to balance.
	Pages *returnlink.Pages
	// Notices reads iyzico's notices; nil = this process gets none.
	Notices ingress.Notices
	// Process names the process in the metrics, which are written to MetricsTo.
	Process   string
	MetricsTo io.Writer
	Log       *slog.Logger
}

// Parts are what the outside is served with. They are safe for concurrent use.
type Parts struct {
	Service *payment.Service
	API     *ingress.API
	Metrics *metrics.Recorder
	Days    *dayclose.Closer // nil where no days are kept
}

// New puts the parts together. It connects to nothing.
func New(s config.Settings, p Ports) Parts {
	now := p.Clock.Now
	recorder := metrics.New(s.MetricsNamespace, p.Process, p.MetricsTo, now)
	iyzico := p.Iyzico
	if iyzico == nil {
		iyzico = noIyzico{}
	}
	quota := psp.WithQuota(iyzico, p.Store, now, s.RateLimitPerMinute)
	gateway := recorder.Gateway(quota)
	service := payment.NewService(recorder.Store(p.Store), gateway, p.Clock, Rules(s, p.ClockTolerance))
	service.CountIn(p.Store)
	service.OnUse(recorder.Used)
	service.Together(psp.AtOnce(accountsAtOnce))
	service.LimitHints(quota.TakeHint)
	service.OnChange(recorder.Changed)
	service.OnAlarm(func(ctx context.Context, a payment.Alarm) {
		p.Log.ErrorContext(ctx, "alarm", "alarm", string(a.Kind), "paymentId", a.PaymentID, "operationId", a.OperationID)
	})
	api := &ingress.API{
		Service: recorder.Service(service), Log: p.Log, Schedule: psp.NewSchedule(p.Store, now, s.RateLimitPerMinute),
		NewMoneyOff: s.NewMoneyOff, ReturnOrigins: s.ReturnURLOrigins, LoopbackCallbacks: config.Loopback(s.IyzicoBaseURL),
	}
	api.Returned = func(age time.Duration) { recorder.Add(metrics.ReturnedAge, int64(age/time.Second)) }
	if p.Journal != nil {
		api.Journal = journal.New(p.Journal, now)
	}
	if p.Pages != nil {
		api.Pages = recorder.Pages(p.Pages)
	}
	if p.Notices != nil {
		api.Notices = recorder.Notices(p.Notices)
	}
	if s.NewMoneyOff {
		p.Log.WarnContext(context.Background(), "new money is off: nothing that moves money is asked of iyzico", "reason", s.NewMoneyReason)
	}
	parts := Parts{Service: service, API: api, Metrics: recorder}
	if p.Days != nil && api.Journal != nil {
		parts.Days = closer(p, quota, service, recorder)
		api.Days = parts.Days
	}
	return parts
}

// Rules are the domain's rules by the settings. clockTolerance is Ports.ClockTolerance.
func Rules(s config.Settings, clockTolerance time.Duration) payment.Rules {
	return payment.Rules{
		SettleWindow: s.SettleWindow, SendTimeout: s.IyzicoTimeout, RestoredAt: s.TableRestoredAt, ReviewAbsenceFrom: s.ReviewAbsenceFrom,
		BalanceExpiry: s.BalanceRefundExpiry, ClockTolerance: clockTolerance,
		Limits:      payment.Limits{AmountPerDay: s.MaxRefundAmountPerDay, RefundsPerHour: s.MaxRefundsPerHour},
		NewMoneyOff: s.NewMoneyOff, NewMoneyReason: s.NewMoneyReason, Marketplace: s.Marketplace,
	}
}
