package iyzicotest

import (
	"strconv"
	"sync"
	"time"
)

// istanbul is the day's border for cancels and daily reports. Turkey keeps UTC+3 all year since 2016, and nothing
// older than that can be refunded, so a fixed zone needs no zone database.
var istanbul = time.FixedZone("+03", 3*60*60)

// First ids. Payments, payment transactions (lines) and refund transactions have counters of their own, so an id tells
// its kind, and each run gives the same ids.
const (
	firstPaymentID  = 10000001
	firstLineID     = 20000001
	firstRefundTxID = 30000001
)

// Ledger is iyzico's book: what was paid, refunded and cancelled, and the rules by which it says no. Safe for
// concurrent use. It starts no goroutine, reads no clock but the injected one, and draws no random numbers: the same
// calls give the same ids and answers.
//
// Refusals are *[Refusal]; any other error says that the journal could not be written, and then nothing changed and
// nothing will change any more: a book that may have lost a page must not be written on.
type Ledger struct {
	mu      sync.Mutex
	clock   func() time.Time
	offset  time.Duration
	journal func(Entry) error
	broken  error

	listFailures bool
	marketplace  bool
	// sameDayRefundIn is the list that shows a Refund v2 which was carried out as a cancel.
	sameDayRefundIn string
	// merchantChargeIn is how lists show refunds charged to the merchant.
	merchantChargeIn string

	payments       map[string]*account
	order          []*account
	lines          map[string]lineRef
	byConversation map[string][]*account
	executions     []Execution
	balances       map[string]*BalanceRefund
	sessions       map[string]*Session
	byCheckout     map[string]*Session

	nextPayment  int64
	nextLine     int64
	nextRefundTx int64
	nextToken    int64
	nextSession  int64
}

type lineRef struct {
	account *account
	index   int
}

// Option changes how a Ledger behaves.
type Option func(*Ledger)

// WithJournal hands every state change to write before it becomes visible. If write fails, the change does not happen
// and the Ledger refuses every later one.
func WithJournal(write func(Entry) error) Option {
	return func(l *Ledger) { l.journal = write }
}

// WithFailedAttempts makes refused refunds and cancels of a known payment appear in reports, with refundStatus 0 and
// the error (docs/iyzico.md §5.2: failed attempts can be listed too).
func WithFailedAttempts() Option {
	return func(l *Ledger) { l.listFailures = true }
}

// NewLedger gives an empty Ledger on the given clock.
func NewLedger(clock func() time.Time, options ...Option) *Ledger {
	l := &Ledger{
		clock: clock,

		sameDayRefundIn:  ListCancels,
		merchantChargeIn: ChargeInRefunds,

		payments:       map[string]*account{},
		lines:          map[string]lineRef{},
		byConversation: map[string][]*account{},
		balances:       map[string]*BalanceRefund{},
		sessions:       map[string]*Session{},
		byCheckout:     map[string]*Session{},
		nextPayment:    firstPaymentID,
		nextLine:       firstLineID,
		nextRefundTx:   firstRefundTxID,
		nextToken:      1,
		nextSession:    1,
	}
	for _, option := range options {
		option(l)
	}
	return l
}

// SetClockOffset shifts iyzico's own clock against the injected one: system time, created dates, the 365 days and the
// day of a cancel. It is not journaled.
func (l *Ledger) SetClockOffset(offset time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.offset = offset
}

// SetMarketplace makes the merchant a marketplace: Refund v2 is refused with 5266 then. It is not journaled.
func (l *Ledger) SetMarketplace(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.marketplace = on
}

// The two lists in which a report may show a Refund v2 that iyzico carried out as a cancel. Which one iyzico uses nobody
// has published.
const (
	ListCancels = "cancels"
	ListRefunds = "refunds"
)

// SetSameDayRefundIn chooses the list ([ListCancels], the default, or [ListRefunds]) for whole refunds that are carried
// out as a cancel from now on. The setting is not journaled; what was listed stays where it is.
func (l *Ledger) SetSameDayRefundIn(list string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sameDayRefundIn = list
}

// How reports and the day list show a refund charged to the merchant: like any other, without the request's conversation id,
// or not at all. Which of them iyzico does nobody has published.
const (
	ChargeInRefunds = "refunds"
	ChargeUnnamed   = "unnamed"
	ChargeNowhere   = "nowhere"
)

// SetMerchantChargeIn chooses how refunds charged to the merchant are shown ([ChargeInRefunds], the default, [ChargeUnnamed] or
// [ChargeNowhere]). It is not journaled.
func (l *Ledger) SetMerchantChargeIn(list string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.merchantChargeIn = list
}

// listed gives the movements that lists show, as they show them.
func (l *Ledger) listed(movements []movement) []movement {
	if l.merchantChargeIn == ChargeInRefunds {
		return movements
	}
	var list []movement
	for _, m := range movements {
		switch {
		case !m.charged:
		case l.merchantChargeIn == ChargeNowhere:
			continue
		default:
			m.conversationID = ""
		}
		list = append(list, m)
	}
	return list
}

// Now is iyzico's own time: the injected clock plus the offset, in UTC.
func (l *Ledger) Now() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, created := l.now()
	return created
}

// now gives our time and iyzico's.
func (l *Ledger) now() (at, created time.Time) {
	at = l.clock().UTC().Round(0)
	return at, at.Add(l.offset)
}

// Empty tells whether no payment was ever added.
func (l *Ledger) Empty() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.order) == 0
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// advance moves a counter past an id that is in use.
func advance(counter *int64, id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return err
	}
	*counter = max(*counter, n+1)
	return nil
}
