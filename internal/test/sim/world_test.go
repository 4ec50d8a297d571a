package sim

import (
	"cmp"
	"fmt"
	"time"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// world is one run: a plan, the choices, and what became of them.
type world struct {
	plan    plan
	chooser Chooser
	answers []int // what the chooser said, for a replay
	flaw    flaw

	clock       clock
	ledger      *iyzicotest.Ledger
	memory      *memory
	journal     *journal // nil = none is kept in this world
	check       *checker
	crew        *crew
	history     *history // nil = not recorded
	stats       Stats
	workers     []*worker
	reconcilers []*worker

	runner   *worker       // that ran last, if it is still there
	switches int           // from a worker that could go on
	current  string        // the worker that runs
	arrived  int           // items of the plan so far
	played   time.Duration // how long things could go wrong
	last     int           // workers after the plan's
	faults   int
	jumps    int
	loses    bool // the next request is lost on the way
	passes   int
	calm     bool // nothing goes wrong any more

	pages    map[string][]page // of balance refunds, by operation id
	opened   map[string]string // tokens by conversation id
	sessions []iyzicotest.Session
	made     []string                      // payments that fund payments made, in order
	paid     map[string]iyzicotest.Payment // the same as they were made, by conversation id

	report, dayList told // what the two lists tell
	lying           bool // both have chosen what they tell
	honest          bool // neither lies any more

	late map[string]int // late requests still to be executed, by operation id

	first      map[string]payment.Result // by the flaw cachesAnswers
	held       *payment.Change           // by the flaw swapsEvents
	saver      *worker                   // whose save is being stored, nil for one that lands late
	awayUntil  time.Time                 // the store is away
	restoredAt time.Time                 // TABLE_RESTORED_AT
	slots      map[string]int            // calls taken of the limit, by pool and minute
}

// flaw is a defect put into the world on purpose, to show that the checker sees it.
type flaw int

const (
	flawless            flaw = iota
	sendsTwice               // the transport sends a request again whose answer was lost
	sendsTooLate             // the transport does not look at the deadline
	ignoresVersion           // the store keeps every write
	forgetsMark              // the mark `sending` is acknowledged and not stored
	ownsConflicts            // a writer that lost the race is told that it won
	noSettleWindow           // unknown outcomes are settled at once
	lagsTooLong              // the report lags behind longer than the settle window
	losesEvents              // a status change is not published
	losesRecords             // a change is not recorded in the journal
	inventsSuccess           // a lost answer is taken for success
	forgetsAnswers           // the answer to a request is never stored
	limitLeaks               // iyzico's limit says that it refused, and the request is executed
	lostIsNotSent            // a lost answer is taken for a request that never left
	silencesAlarms           // nobody is told of what needs a person
	emptyIndex               // the index never lists anything
	forgetsRestore           // the table was rolled back and TABLE_RESTORED_AT is not set
	swapsEvents              // events are published in the wrong order
	restoresAtOnce           // a table is restored while requests are under way at iyzico
	forgetsSwitch            // a process does not know that new money is off
	cachesAnswers            // a key's first answer is kept and given again, as generic helpers do
	believesIncomplete       // a report that contradicts itself is believed
	believesStale            // an old report is taken for a new one
	skipsSecondSource        // the day list is not looked at
	skipsOpenEntries         // an entry that is neither done nor failed is passed over
	skipsOtherSpellings      // an id in another spelling is nobody's
	datesUndated             // an entry without a date is taken for an old one
	takesLaterForNo          // "try later" is taken for "no"
	forgetsCounts            // a count of the merchant's own limits is acknowledged and not stored
)

func newWorld(p plan, chooser Chooser, f flaw, crew *crew) *world {
	w := &world{crew: crew, plan: p, chooser: chooser, flaw: f, memory: newMemory(), late: map[string]int{}, pages: map[string][]page{}, opened: map[string]string{},
		paid: map[string]iyzicotest.Payment{}, slots: map[string]int{}, first: map[string]payment.Result{}}
	w.stats.Seen = coverage{}
	w.clock.now = p.start
	var options []iyzicotest.Option
	if p.failedAttempts {
		options = append(options, iyzicotest.WithFailedAttempts())
	}
	w.ledger = iyzicotest.NewLedger(func() time.Time { return w.clock.now }, options...)
	w.ledger.SetClockOffset(p.offset)
	w.ledger.SetMarketplace(p.marketplace)
	w.ledger.SetSameDayRefundIn(p.sameDayRefundIn())
	w.ledger.SetMerchantChargeIn(cmp.Or(p.chargeIn, iyzicotest.ChargeInRefunds))
	for _, spec := range p.payments {
		if _, err := w.ledger.AddPayment(spec); err != nil {
			panic(fmt.Sprintf("sim: the plan's payment is refused: %v", err))
		}
	}
	for _, spec := range p.sessions {
		s, err := w.ledger.AddSession(spec)
		if err != nil {
			panic(fmt.Sprintf("sim: the plan's session is refused: %v", err))
		}
		w.sessions = append(w.sessions, s)
	}
	w.check = newChecker(w)
	w.memory.unlocked = f == ignoresVersion
	w.memory.whole = !p.bytes
	w.memory.saved = w.stored
	if p.bytes {
		w.journal = &journal{map[recordName]payment.Record{}, map[string][]payment.Record{}}
	}
	return w
}

// stored is the table's stream: each image with the one before. What it publishes is what callers learn by event.
func (w *world) stored(old, next payment.Account) {
	changes := payment.Changes(old, next)
	if w.history != nil {
		if text := describe(&next); w.news(string(next.ID), text) {
			w.log("store", "%s version %d: %s", next.ID, next.Version, text)
		}
	}
	for _, c := range changes {
		if w.flaw == losesEvents && c.Detail.Status == payment.StatusNotExecuted {
			continue
		}
		w.publish(c)
	}
	if w.saver != nil {
		w.changed(w.saver, &old, &next)
		w.check.heard(w.saver, &old, &next)
		w.saver.answer, w.saver.read = nil, nil
	}
	w.check.counted(&next)
	w.record(old, next)
	w.check.covered(&next)
}

// publish gives an event to its consumers.
func (w *world) publish(c payment.Change) {
	if w.flaw == swapsEvents {
		held := w.held
		if w.held = nil; held == nil {
			w.held = &c
			return
		}
		defer func() { w.stats.Events++; w.check.published(*held) }()
	}
	w.stats.Events++
	w.saw(sawStatus, c.DetailType)
	w.check.published(c)
}

// run plays the plan, lets everything come to rest and checks the end. It gives the first violation, nil if there is
// none.
func (w *world) run() *Violation {
	w.loseFirst()
	w.play()
	w.rest()
	w.abandon()
	if w.check.ok() {
		w.check.limits()
	}
	return w.check.first
}
