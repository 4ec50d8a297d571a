package failures

import (
	"bytes"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/store/bolt"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// iyzico's paths that faults are scripted for.
const (
	refundPath   = iyzicotest.PathRefund
	refundV2Path = iyzicotest.PathRefundV2
	chargePath   = iyzicotest.PathMerchantCharge
	cancelPath   = iyzicotest.PathCancel
	initPath     = iyzicotest.PathBalanceInit
	fundPath     = iyzicotest.PathFundPayment
	reportPath   = "/v2/reporting/payment/details"
)

// The names that secrets have in the composition: none of them may appear anywhere (I9).
const (
	apiKey      = "canary-apiKey-4711"
	secretKey   = "canary-secretKey-4712"
	callbackKey = "canary-callback-key-4713"
	person      = "canary-person-4714"
)

const shop = "https://shop.example"

// store is what every process of a world shares.
type store interface {
	payment.Store
	payment.UseStore
	psp.Slots
}

// world is everything outside of iade's processes, and what was asked of them.
type world struct {
	t        *testing.T
	settings config.Settings
	fake     *iyzicotest.Server
	wire     *wire
	store    store
	bolt     *bolt.Store // nil on another store
	log      *lockedBuffer

	mu     sync.Mutex
	asked  []*asked
	alarms []payment.Alarm
	parked []string // "<message id> <reason>" of messages in the dead-letter queue
	told   [][]byte // every answer that a caller got
	paid   []*paid
	forgot bool            // the table lost an attempt that had come to nothing: its number is used again
	stride int             // makes passes of the reconciler that many times rarer
	skews  []time.Duration // of processes that start, in turn
}

// paid is a payment that iyzico holds.
type paid struct {
	id    string
	lines []string
}

// option changes a world before its scenario.
type option func(*world)

// with changes settings.
func with(change func(*config.Settings)) option { return func(w *world) { change(&w.settings) } }

// on keeps accounts in another store than bbolt.
func on(s store) option { return func(w *world) { w.store = s } }

// play plays a scenario and everything that must follow one.
func play(t *testing.T, scenario func(w *world), options ...option) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, options)
		scenario(w)
		w.duplicates()
		w.reconcile()
		w.check()
		w.decide()
		w.check()
	})
}

// newWorld begins at nine in the morning of an ordinary day.
func newWorld(t *testing.T, options []option) *world {
	t.Helper()
	time.Sleep(time.Until(time.Date(2031, time.March, 10, 9, 0, 0, 0, time.UTC)))
	settings, err := config.Load(func(name string) string {
		return map[string]string{"RETURN_URL_ORIGINS": shop, "PUBLIC_BASE_URL": "https://iade.example", "MARKETPLACE": "on"}[name]
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, settings: settings, log: &lockedBuffer{}, stride: 1}
	for _, change := range options {
		change(w)
	}
	if w.store == nil {
		if w.bolt, err = bolt.Open(filepath.Join(t.TempDir(), "iade.db")); err != nil {
			t.Fatal(err)
		}
		w.store = w.bolt
		t.Cleanup(func() {
			if err := w.bolt.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	if w.fake, err = iyzicotest.New(iyzicotest.Config{APIKey: apiKey, SecretKey: secretKey}); err != nil {
		t.Fatal(err)
	}
	w.wire = newWire(w.fake)
	t.Cleanup(func() {
		if err := w.fake.Close(); err != nil {
			t.Error(err)
		}
		w.wire.close()
	})
	return w
}

// payment is a new payment of one line of 100.00 TRY, or of lines with these amounts.
func (w *world) payment(lines ...string) *paid {
	w.t.Helper()
	if len(lines) == 0 {
		lines = []string{"100.00"}
	}
	var spec iyzicotest.PaymentSpec
	for _, amount := range lines {
		spec.Lines = append(spec.Lines, iyzicotest.LineSpec{PaidPrice: decimal.RequireFromString(amount)})
	}
	made, err := w.fake.Ledger().AddPayment(spec)
	if err != nil {
		w.t.Fatal(err)
	}
	p := &paid{id: made.ID}
	for _, line := range made.Lines {
		p.lines = append(p.lines, line.PaymentTransactionID)
	}
	w.paid = append(w.paid, p)
	return p
}

// known is a payment on which something was refunded before: nothing has to be read for the next refund.
func (w *world) known(lines ...string) *paid {
	w.t.Helper()
	p := w.payment(lines...)
	before := w.refund(p, "1.00", `,"paymentTransactionId":"`+p.lines[0]+`"`)
	w.process().deliver(before, overHTTP).is(w.t, http.StatusCreated, "succeeded")
	return p
}

// fault scripts one fault of the fake.
func (w *world) fault(path, mode string, change ...func(*fault)) {
	w.t.Helper()
	f := fault{Path: path, Mode: mode, Times: 1}
	for _, c := range change {
		c(&f)
	}
	if err := w.fake.AddFault(f); err != nil {
		w.t.Fatal(err)
	}
}

// fault is one fault of the fake.
type fault = iyzicotest.Fault

func code(c string) func(*fault)    { return func(f *fault) { f.ErrorCode = c } }
func httpStatus(s int) func(*fault) { return func(f *fault) { f.HTTPStatus = s } }
func times(n int) func(*fault)      { return func(f *fault) { f.Times = n } }
func after(d time.Duration) func(*fault) {
	return func(f *fault) { f.DelayMS = d.Milliseconds() }
}

// set changes the fake's settings.
func (w *world) set(change func(*iyzicotest.Settings)) {
	w.t.Helper()
	s := w.fake.Settings()
	change(&s)
	if err := w.fake.SetSettings(s); err != nil {
		w.t.Fatal(err)
	}
}

// panelRefund is the merchant refunding in iyzico's own panel.
func (w *world) panelRefund(p *paid, price string) {
	w.t.Helper()
	if _, err := w.fake.Ledger().PanelRefund(p.lines[0], decimal.RequireFromString(price)); err != nil {
		w.t.Fatal(err)
	}
}

// sent counts the money requests about an operation that reached iyzico.
func (w *world) sent(operationID string) int {
	n := 0
	for _, r := range w.fake.Requests("") {
		if strings.HasPrefix(r.ConversationID, operationID+"-") {
			n++
		}
	}
	return n
}

// moved is what iyzico moved for an operation.
func (w *world) moved(operationID string) decimal.Decimal {
	sum := decimal.Zero
	for _, x := range w.fake.Ledger().Executions("") {
		if strings.HasPrefix(x.ConversationID, operationID+"-") {
			sum = sum.Add(x.Price)
		}
	}
	return sum
}

// alarmed tells whether somebody was told that an operation needs a person.
func (w *world) alarmed(kind payment.AlarmKind, operationID string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.ContainsFunc(w.alarms, func(a payment.Alarm) bool { return a.Kind == kind && a.OperationID == operationID })
}

// atOnce does several things at the same moment and waits for all of them.
func atOnce(all ...func()) {
	var group sync.WaitGroup
	for _, one := range all {
		group.Go(one)
	}
	group.Wait()
}

// lockedBuffer is a log that several processes write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

func amount(text string) decimal.Decimal {
	if text == "" {
		return decimal.Zero
	}
	return decimal.RequireFromString(text)
}
