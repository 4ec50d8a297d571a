package sim

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	wall "github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/psp"
	"github.com/iade/iade/internal/test/need"
	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// An outage leaves unknown outcomes behind; the reconciler of production (service, limit of calls, several accounts at once)
// settles them in virtual time, one pass a minute, with the time that the store and iyzico take.
const (
	outageWindow   = time.Hour
	outageStore    = 4 * time.Millisecond // of one load or save
	outagePassTime = 50 * time.Second
)

// outage is iyzico after an outage, and a store.
type outage struct {
	*memory
	ledger *iyzicotest.Ledger

	lost    func(n int) bool // the n-th request never reached iyzico
	hangs   map[string]bool  // the reports of these payments hang
	fails   map[string]bool  // these fail at once
	noLists bool             // the day lists cannot be read

	sent     int
	due      []payment.AccountID // as the last pass found it
	reads    sync.Map            // by payment, *atomic.Int64
	refusals atomic.Int64
	mu       sync.Mutex
	minute   time.Time
	counts   map[string]int
	listed   map[payment.Day][]payment.DayRow
	pages    int
}

func newOutage() *outage {
	memory := newMemory()
	memory.whole = true
	return &outage{memory: memory, ledger: iyzicotest.NewLedger(time.Now), counts: map[string]int{}, listed: map[payment.Day][]payment.DayRow{}}
}

func (o *outage) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	time.Sleep(outageStore)
	return o.peek(id), ctx.Err()
}

func (o *outage) Save(ctx context.Context, next payment.Account) error {
	time.Sleep(outageStore)
	return o.memory.Save(ctx, next)
}

// asked is the store while the outage is made: it takes no time.
type asked struct{ *memory }

func (a asked) Load(_ context.Context, id payment.AccountID) (payment.Account, error) {
	return a.peek(id), nil
}

// Open lists what is due in pages of one sorted list, which is made anew for each first page: to sort 20,000 accounts for
// each page would take minutes.
func (o *outage) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	from := 0
	if cursor == "" {
		all, _, err := o.memory.Open(ctx, dueBefore, "", math.MaxInt)
		if err != nil {
			return nil, "", err
		}
		o.due = all
	} else if _, err := fmt.Sscan(cursor, &from); err != nil {
		return nil, "", err
	}
	to := min(len(o.due), from+limit)
	if to == len(o.due) {
		return o.due[from:to], "", nil
	}
	return o.due[from:to], fmt.Sprint(to), nil
}

// arrive counts a call as iyzico does.
func (o *outage) arrive(endpoint string) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if minute := time.Now().Truncate(time.Minute); !minute.Equal(o.minute) {
		o.minute = minute
		clear(o.counts)
	}
	if o.counts[endpoint]++; o.counts[endpoint] > drainPerMinute {
		o.refusals.Add(1)
		return &payment.Error{Code: payment.CodeRateLimited, Message: "50000", RetryAfter: time.Minute}
	}
	return nil
}

// Send loses each answer. It takes no time and counts in no limit: how the unknown outcomes came about is not what is tried.
func (o *outage) Send(_ context.Context, c payment.Call) payment.Answered {
	o.sent++
	if !o.lost(o.sent) {
		if _, err := o.ledger.Refund(iyzicotest.RefundRequest{
			ConversationID: c.ConversationID, PaymentTransactionID: c.LineID, Price: c.Amount.Decimal(), Currency: string(c.Amount.Currency()),
		}); err != nil {
			panic(err)
		}
	}
	return payment.Answered{Call: c, Failure: &payment.Failure{Reason: "connection-lost"}}
}

// Read reads a report.
func (o *outage) Read(ctx context.Context, q payment.Query) (payment.Report, error) {
	if q.Purpose == payment.PurposeSettle {
		if err := o.arrive("report"); err != nil {
			return payment.Report{}, err
		}
		n, _ := o.reads.LoadOrStore(q.PaymentID, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
		switch {
		case o.hangs[q.PaymentID]:
			time.Sleep(time.Until(q.Deadline))
			return payment.Report{}, &payment.Error{Code: payment.CodeUnavailable, Message: "no answer"}
		case o.fails[q.PaymentID]:
			return payment.Report{}, &payment.Error{Code: payment.CodeUnavailable, Message: "503"}
		}
		time.Sleep(2 * drainLatency)
	}
	return psp.NewReader(promptReports{o.ledger}, time.Now).Read(ctx, q)
}

// ReadDay is not used where pages are read.
func (o *outage) ReadDay(context.Context, payment.DayQuery) (payment.DayList, error) {
	panic("sim: the list is read page by page")
}

// ReadDayPage reads a page of 40 rows. Nothing moves while the outage is settled, so each day's rows are mapped once.
func (o *outage) ReadDayPage(_ context.Context, q payment.DayQuery, page int) (payment.DayPage, error) {
	if err := o.arrive("daylist"); err != nil {
		return payment.DayPage{}, err
	}
	time.Sleep(2 * drainLatency)
	if o.noLists {
		return payment.DayPage{}, &payment.Error{Code: payment.CodeUnavailable, Message: "503"}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	rows, ok := o.listed[q.Day]
	if !ok {
		rows = o.rowsOf(q.Day)
		o.listed[q.Day] = rows
	}
	o.pages++
	const rowsPerPage = 40
	found := payment.DayPage{Page: page, Pages: (len(rows) + rowsPerPage - 1) / rowsPerPage, SystemTime: time.Now().UTC()}
	found.Rows = slices.Clone(rows[min(len(rows), (page-1)*rowsPerPage):min(len(rows), page*rowsPerPage)])
	return found, nil
}

// rowsOf gives a day's refunds, a row each: the Ledger itself makes the whole list anew for each page.
func (o *outage) rowsOf(day payment.Day) (rows []payment.DayRow) {
	for _, x := range o.ledger.Executions("") {
		if x.Kind == "refund" && payment.DayOf(x.At) == day {
			rows = append(rows, payment.DayRow{
				Kind: payment.DayRowRefund, TransactionID: x.ConversationID, PaymentID: x.PaymentID, LineID: x.PaymentTransactionID,
				ConversationID: x.ConversationID, Amount: money.New(x.Price, money.TRY), At: x.At,
			})
		}
	}
	return rows
}

// ask asks for n refunds of payments of their own, of which all answers are lost, and gives the payments' ids.
func (o *outage) ask(t *testing.T, service *payment.Service, n int) (ids []string) {
	t.Helper()
	for i := range n {
		p, err := o.ledger.AddPayment(iyzicotest.PaymentSpec{CreatedAt: time.Now().Add(-72 * time.Hour), Lines: []iyzicotest.LineSpec{{PaidPrice: decimal.New(14990, -2)}}})
		if err != nil {
			t.Fatal(err)
		}
		amount, err := money.Parse("149.90", money.TRY)
		if err != nil {
			t.Fatal(err)
		}
		command := payment.Command{
			Kind: payment.KindRefund, PaymentID: p.ID, LineID: p.Lines[0].PaymentTransactionID, Amount: amount,
			Destination: payment.ToCard, Key: fmt.Sprint("ticket-", i),
		}
		result, err := service.Request(t.Context(), command, time.Now().Add(25*time.Second), payment.RecordNone)
		if err != nil || result.Resource.Status != payment.StatusUnknown {
			t.Fatalf("%+v, %v", result, err)
		}
		ids = append(ids, p.ID)
	}
	return ids
}

func (o *outage) statusOf(id string) payment.Status {
	a := o.peek(payment.PaymentAccount(id))
	return a.Operations[0].Status()
}

func (o *outage) readsOf(id string) int64 {
	n, ok := o.reads.Load(id)
	if !ok {
		return 0
	}
	return n.(*atomic.Int64).Load()
}

// reconciler is one process that settles: with the limit of calls that production has, or with none for asking.
func (o *outage) reconciler() *payment.Service {
	quota := psp.WithQuota(o, &countedSlots{totals: map[string]int{}}, wall.Wall{}.Now, drainPerMinute)
	service := payment.NewService(o, quota, wall.Wall{}, payment.Rules{SettleWindow: outageWindow, SendTimeout: 20 * time.Second})
	service.Together(psp.AtOnce(8))
	return service
}

// passes makes a pass a minute until done says so, and gives the minutes that it took.
func (o *outage) passes(t *testing.T, service *payment.Service, most int, done func(minute int) bool) int {
	t.Helper()
	for minute := 1; minute <= most; minute++ {
		began := time.Now()
		summary, err := service.Reconcile(t.Context(), began.Add(outagePassTime))
		if took := time.Since(began); err != nil || took > outagePassTime {
			t.Fatalf("minute %d: %+v in %s, %v", minute, summary, took, err)
		}
		if done(minute) {
			return minute
		}
		time.Sleep(time.Until(began.Add(time.Minute)))
	}
	t.Fatalf("not done after %d minutes", most)
	return 0
}

// TestAfterAnOutageUnknownOutcomesSettleAtTheSpeedOfTheDayList: 20,000 answers are lost, and of the requests every tenth. What
// was executed needs no report of its own: the day list shows it. What was not needs three reports, an hour's window, and the
// list.
func TestAfterAnOutageUnknownOutcomesSettleAtTheSpeedOfTheDayList(t *testing.T) {
	t.Parallel()
	operations := 20_000
	if testing.Short() || raceDetector || !need.Minutes() {
		operations = 1_000
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(10 * time.Hour) // away from midnight, and from the year 2000's first day
		o := newOutage()
		o.lost = func(n int) bool { return n%10 == 0 }
		asking := payment.NewService(asked{o.memory}, o, wall.Wall{}, payment.Rules{SettleWindow: outageWindow, SendTimeout: 20 * time.Second})
		ids := o.ask(t, asking, operations)
		began := time.Now()
		time.Sleep(3 * time.Minute)
		left := func(executed bool) (n int) {
			for i, id := range ids {
				if status := o.statusOf(id); ((i+1)%10 != 0) == executed && status.Unfinished() {
					n++
				}
			}
			return n
		}
		service := o.reconciler()
		o.passes(t, service, 120, func(int) bool { return left(true) == 0 })
		seen, pages := time.Since(began), o.pages
		o.passes(t, service, 24*60, func(int) bool { return left(false) == 0 })
		all := time.Since(began)
		reads := int64(0)
		for i, id := range ids {
			want := payment.StatusSucceeded
			if (i+1)%10 == 0 {
				want = payment.StatusNotExecuted
			}
			if got := o.statusOf(id); got != want {
				t.Errorf("%s is %s, want %s", id, got, want)
			}
			reads += o.readsOf(id)
		}
		t.Logf("%d unknown outcomes: the %d that iyzico had executed settled %s after the outage (%d pages of the day list), the others after %s; %d reports were read",
			operations, operations-operations/10, seen.Round(time.Minute), pages, all.Round(time.Minute), reads)
		if o.refusals.Load() > 0 {
			t.Errorf("iyzico said 50000 %d times", o.refusals.Load())
		}
		// 20,000 at 40 reports a minute would be more than 8 hours; an absence of 2,000 takes 6,000 reports, 2.5 hours, and more than the window.
		byReports := time.Duration(operations/40) * time.Minute
		if operations == 20_000 && (seen > byReports/8 || all > 4*time.Hour) {
			t.Errorf("what was executed took %s, all took %s", seen, all)
		}
	})
}

// TestWhatHangsAndWhatFailsStarvesNobody: seven reports that hang for their 6 seconds and forty that fail at once, all due
// before everybody else, once kept 24 hours from all others; a file of refunds kept 8. The day lists cannot be read either.
func TestWhatHangsAndWhatFailsStarvesNobody(t *testing.T) {
	t.Parallel()
	const hanging, failing, readable = 7, 40, 300
	for name, c := range map[string]struct {
		bulk bool
		most int // minutes: 300 reads at 40 or 17 a minute, and a few passes that were spent on the others
	}{
		"alone":                    {false, 10},
		"beside a file of refunds": {true, 22},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(10 * time.Hour)
				o := newOutage()
				o.lost = func(int) bool { return false }
				o.noLists = true
				asking := payment.NewService(asked{o.memory}, o, wall.Wall{}, payment.Rules{SettleWindow: outageWindow, SendTimeout: 20 * time.Second})
				bad := o.ask(t, asking, hanging+failing)
				time.Sleep(time.Second)
				good := o.ask(t, asking, readable)
				o.hangs, o.fails = map[string]bool{}, map[string]bool{}
				for i, id := range bad {
					o.hangs[id], o.fails[id] = i < hanging, i >= hanging
				}
				time.Sleep(3 * time.Minute)
				slots := &countedSlots{totals: map[string]int{}}
				quota := psp.WithQuota(o, slots, wall.Wall{}.Now, drainPerMinute)
				service := payment.NewService(o, quota, wall.Wall{}, payment.Rules{SettleWindow: outageWindow, SendTimeout: 20 * time.Second})
				service.Together(psp.AtOnce(8))
				if c.bulk {
					ctx, stop := context.WithCancel(t.Context())
					var file sync.WaitGroup
					defer file.Wait()
					defer stop()
					file.Go(func() { readInBulk(ctx, psp.WithQuota(o, slots, wall.Wall{}.Now, drainPerMinute), good[0]) })
				}
				left := func() (n int) {
					for _, id := range good {
						if status := o.statusOf(id); status.Unfinished() {
							n++
						}
					}
					return n
				}
				minutes := o.passes(t, service, 60, func(int) bool { return left() == 0 })
				most := int64(0)
				for _, id := range bad {
					most = max(most, o.readsOf(id))
				}
				t.Logf("%d readable outcomes settled in %d minutes, beside %d reports that hang and %d that fail, which were read %d times at most",
					readable, minutes, hanging, failing, most)
				if minutes > c.most {
					t.Errorf("it took %d minutes, want at most %d", minutes, c.most)
				}
				if o.refusals.Load() > 0 {
					t.Errorf("iyzico said 50000 %d times", o.refusals.Load())
				}
				// They go on being read, ever more rarely, and end with a person.
				o.passes(t, service, 26*60, func(int) bool {
					return !slices.ContainsFunc(bad, func(id string) bool { return o.statusOf(id) != payment.StatusNeedsReview })
				})
				for _, id := range bad {
					if n := o.readsOf(id); n < 20 || n > 40 {
						t.Errorf("%s was read %d times in a day", id, n)
					}
				}
			})
		})
	}
}

// readInBulk reads as fast as the limit lets it, as the queue behind a file of refunds does.
func readInBulk(ctx context.Context, quota *psp.Quota, id string) {
	for ctx.Err() == nil {
		if _, err := quota.Read(ctx, payment.Query{PaymentID: id, Purpose: payment.PurposeBulk}); err != nil {
			time.Sleep(time.Second)
		}
	}
}
