package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/compose"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/returnlink"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/pkg/iyzico"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// System is everything that runs: it is put together here and nowhere else.
type System struct {
	URL       string // the API's origin
	IyzicoURL string
	Folder    string
	Fake      *iyzicotest.Server // nil when another iyzico is used
	Events    *eventLog

	metricsLog *metricsLog
	metrics    *metrics.Recorder

	log      *slog.Logger
	folder   *folder
	pages    *returnlink.Pages // nil where no browser could come back to
	table    table             // not used when the folder keeps the accounts
	store    store
	sites    []*site // the API first
	loops    []*loop // in the order of stopping
	failures chan error
	closing  chan struct{} // closed by endWaits
	endWaits func()        // nobody is kept waiting for events any more
}

// loop is a goroutine that runs until it is stopped.
type loop struct {
	stop context.CancelFunc
	done sync.WaitGroup
}

// start puts the system together and starts it. Its error is one that the user can act on, and nothing is left running or
// locked then.
func start(ctx context.Context, o options, s settings, log *slog.Logger) (*System, error) {
	system := &System{log: log, failures: make(chan error, 4), closing: make(chan struct{})}
	system.endWaits = sync.OnceFunc(func() { close(system.closing) })
	if err := system.assemble(ctx, o, s); err != nil {
		return nil, errors.Join(err, system.Close())
	}
	return system, nil
}

func (y *System) assemble(ctx context.Context, o options, s settings) error {
	if o.reset && !s.ownFake && !config.Loopback(s.IyzicoBaseURL) {
		return errors.New("-reset would forget what was asked of a real iyzico: choose another folder with -data instead")
	}
	tokens, err := readTokens(s.APITokensFile)
	if err != nil {
		return err
	}
	if err := mayListen(o.addr, tokens); err != nil {
		return err
	}
	if err := y.acquire(ctx, o, s.ownFake); err != nil {
		return err
	}
	if o.reset {
		if err := y.reset(ctx, s.Table); err != nil {
			return wayOut(err)
		}
	}
	if err := y.openStore(ctx, s.Table); err != nil {
		return wayOut(err)
	}
	if err := y.openFiles(s.ownFake); err != nil {
		return wayOut(err)
	}
	parts, err := y.connect(s)
	if err != nil {
		return err
	}
	api, service := parts.API, parts.Service
	if len(api.ReturnOrigins) == 0 {
		api.ReturnOrigins = []string{y.sites[0].url()}
	}
	orders, err := newOrders(y.folder.ordersPath(), api, y.log)
	if err != nil {
		return err
	}
	own := y.ownRoutes(orders)
	guarded := &door{tokens, publicHost(s.PublicBaseURL), scopeWith(own), withOwnRoutes(api, own)}
	y.URL = y.sites[0].url()
	y.serve(withConsole(y.console(guarded, len(tokens) > 0), guarded))
	y.loop(ctx, y.watchStore)
	y.loop(ctx, (&counter{y.metrics, y.metrics.Rounds(service), y.log}).run)
	y.loop(ctx, (&reconciler{service, clock.Wall{}, y.metrics, y.log}).run)
	y.loop(ctx, orders.run)
	y.loop(ctx, (&dayCloser{parts.Days, y.log}).run)
	y.loop(ctx, (&publisher{y.store, y.Events, y.log}).run)
	return nil
}

// live tells whether refunds move real money: everything but iyzico's sandbox and what runs on this machine may.
func (y *System) live() bool {
	return y.Fake == nil && !config.Loopback(y.IyzicoURL) && y.IyzicoURL != sandboxURL
}

// sandboxURL is iyzico's public place for trying out.
const sandboxURL = "https://sandbox-api.iyzipay.com"

// reset empties the folder, unless a table remembers what would be forgotten there.
func (y *System) reset(ctx context.Context, t table) error {
	if t.used() {
		if err := t.mayReset(ctx); err != nil {
			return err
		}
	}
	return y.folder.empty()
}

// openStore opens the table, or the store in the folder if there is none.
func (y *System) openStore(ctx context.Context, t table) error {
	if t.used() {
		opened, err := openTable(ctx, t, y.folder.positionPath(), y.log)
		if err != nil {
			return err
		}
		y.store, y.table = opened, t
		return nil
	}
	opened, err := bolt.Open(y.folder.storePath())
	if err != nil {
		return err
	}
	y.store = boltStore{opened}
	return nil
}

// openFiles opens what lies in the folder beside the store, the fake's part of it too.
func (y *System) openFiles(ownFake bool) (err error) {
	if y.Events, err = openEventLog(y.folder.eventsPath()); err != nil {
		return err
	}
	if y.metricsLog, err = openMetricsLog(y.folder.metricsPath()); err != nil {
		return err
	}
	if ownFake {
		if y.Fake, err = iyzicotest.New(iyzicotest.Config{Dir: y.folder.fakePath(), Seed: true}); err != nil {
			return fmt.Errorf("%w in %s: %w", errFake, y.folder.fakePath(), err)
		}
	}
	return syncFolder(y.folder.path)
}

// connect makes the service on the store and on iyzico.
func (y *System) connect(s settings) (compose.Parts, error) {
	if s.ownFake {
		s.IyzicoBaseURL = y.sites[1].url()
	}
	y.IyzicoURL = s.IyzicoBaseURL
	client, err := iyzico.New(iyzico.Config{
		BaseURL: y.IyzicoURL, APIKey: iyzico.Secret(s.IyzicoAPIKey.Reveal()), SecretKey: iyzico.Secret(s.IyzicoSecretKey.Reveal()),
	}, iyzico.WithBalanceRefundPath(s.RefundToBalancePath))
	if err != nil {
		return compose.Parts{}, err
	}
	wall := clock.Wall{}
	keys := psp.Keys{Pair: psp.Pair{APIKey: s.IyzicoAPIKey, SecretKey: s.IyzicoSecretKey}}
	notices := psp.NewNotices(func(context.Context) (psp.Keys, error) { return keys, nil }, s.IyzicoMerchantID, wall.Now)
	toIyzico := psp.New(client, y.log, wall.Now)
	if y.pages, err = y.callbackPages(s); err != nil {
		return compose.Parts{}, err
	}
	if y.pages != nil {
		toIyzico = toIyzico.WithPages(y.pages)
	}
	parts := compose.New(s.Settings, compose.Ports{
		Store: y.store, Journal: y.store, Days: y.store, DayEvents: dayEvents{y.Events}, Iyzico: toIyzico,
		Clock: wall, Pages: y.pages, Notices: notices, Process: "local", MetricsTo: y.metricsLog, Log: y.log,
	})
	y.metrics = parts.Metrics
	parts.API.Schedule = nil // orders in a folder have no visibility: they are tried again by the loop that reads them
	return parts, nil
}

// serve starts answering, and the fake where there is one.
func (y *System) serve(handler http.Handler) {
	y.sites[0].start(withAccessLog(handler, y.log), y.log, y.failures)
	if y.Fake != nil {
		y.sites[1].start(y.Fake, y.log, y.failures)
	}
}

func (y *System) loop(ctx context.Context, run func(context.Context)) {
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	l := &loop{stop: stop}
	l.done.Go(func() { run(ctx) })
	y.loops = append(y.loops, l)
}

// Wait returns when ctx ends, or with the error of what could not go on.
func (y *System) Wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		y.log.Info("stopping when the answers under way are given; Ctrl-C again ends it at once")
		return nil
	case err := <-y.failures:
		return err
	}
}

// stopTime is how long answers under way may take when the system stops: a handler's time and a little more.
const stopTime = ingress.DefaultHandlerTime + time.Second

// Close lets answers under way finish, settles nothing more, publishes what is left, and lets files and addresses go. It
// may be called on a system of which only a part was started.
func (y *System) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	var errs []error
	y.endWaits()
	for i, s := range y.sites {
		if i == 1 {
			y.stopLoops()
			if y.Fake != nil {
				errs = append(errs, y.Fake.Close()) // first, because it ends hanging answers
			}
		}
		errs = append(errs, s.stop(ctx))
	}
	y.stopLoops()
	if y.Events != nil {
		errs = append(errs, y.Events.Close())
	}
	if y.metricsLog != nil {
		errs = append(errs, y.metricsLog.file.Close())
	}
	if y.store != nil {
		errs = append(errs, y.store.Close())
	}
	if y.folder != nil {
		errs = append(errs, y.folder.release())
	}
	return errors.Join(errs...)
}

func (y *System) stopLoops() {
	for _, l := range y.loops {
		l.stop()
		l.done.Wait()
	}
	y.loops = nil
}
