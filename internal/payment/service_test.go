package payment_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/iade/iade/internal/money"
	"github.com/iade/iade/internal/payment"
)

var errDown = errors.New("the disk is on fire")

// world is a Service with ports in memory. Everything that a port does is recorded in order.
type world struct {
	t       *testing.T
	service *payment.Service

	mu       sync.Mutex
	now      time.Time
	accounts map[payment.AccountID][]byte
	uses     map[payment.Day]payment.Use
	log      []string
	iyzico   payment.Report

	// What the ports do; nil does the ordinary thing.
	send    func(context.Context, payment.Call) payment.Answered
	read    func(payment.Query) (payment.Report, error)
	listDay func(payment.DayQuery) (payment.DayList, error)
	saving  func(next payment.Account) (stored bool, err error)
	loading func() error
	using   func() error // loads of a day's use
	counts  func(next payment.Use) (stored bool, err error)
	opened  []payment.AccountID // what Open lists, in place of what is due
}

func newWorld(t *testing.T, lines ...string) *world {
	t.Helper()
	w := &world{t: t, now: opening, accounts: map[payment.AccountID][]byte{}, uses: map[payment.Day]payment.Use{}, iyzico: newStory(t, lines...).iyzico}
	w.service = payment.NewService(w, gatewayOf{w}, w, payment.Rules{SettleWindow: window, SendTimeout: 20 * time.Second})
	return w
}

func (w *world) note(format string, args ...any) {
	w.log = append(w.log, fmt.Sprintf(format, args...))
}

// did takes the log so far.
func (w *world) did() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	log := strings.Join(w.log, " ")
	w.log = nil
	return log
}

func (w *world) wait(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) Pause(ctx context.Context, _ int) error {
	w.wait(time.Second)
	return ctx.Err()
}

func (w *world) Load(ctx context.Context, id payment.AccountID) (payment.Account, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("load")
	if w.loading != nil {
		if err := w.loading(); err != nil {
			return payment.Account{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return payment.Account{}, err
	}
	return w.stored(id), nil
}

func (w *world) stored(id payment.AccountID) payment.Account {
	data, ok := w.accounts[id]
	if !ok {
		return payment.Account{ID: id}
	}
	a, err := payment.DecodeAccount(data)
	if err != nil {
		w.t.Error(err)
	}
	return a
}

func (w *world) Save(ctx context.Context, next payment.Account) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	stored, err := true, error(nil)
	if w.saving != nil {
		stored, err = w.saving(next)
	}
	if err == nil && w.stored(next.ID).Version != next.Version-1 {
		stored, err = false, payment.ErrConflict
	}
	w.note("save%d%s", next.Version, map[bool]string{true: "!"}[err != nil])
	if stored {
		data, encodeErr := payment.EncodeAccount(next)
		if encodeErr != nil {
			w.t.Error(encodeErr)
		}
		w.accounts[next.ID] = data
	}
	return err
}

func (w *world) Open(_ context.Context, before time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.loading != nil {
		if err := w.loading(); err != nil {
			return nil, "", err
		}
	}
	ids := w.opened
	if ids == nil {
		for id := range w.accounts {
			a := w.stored(id)
			if due := a.DueAt(); !due.IsZero() && !due.After(before) {
				ids = append(ids, id)
			}
		}
		slices.Sort(ids)
	}
	ids = slices.Clone(ids)
	ids = slices.DeleteFunc(ids, func(id payment.AccountID) bool { return string(id) <= cursor })
	if len(ids) > limit {
		return ids[:limit], string(ids[limit-1]), nil
	}
	return ids, "", nil
}

// gatewayOf is the world's iyzico: it carries refunds out and lists them, unless the world says otherwise.
type gatewayOf struct{ w *world }

func (g gatewayOf) Send(ctx context.Context, c payment.Call) payment.Answered {
	w := g.w
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("send-%d", c.Attempt)
	a := w.stored(c.Account)
	op := a.Operation(c.OperationID)
	if op == nil || op.Legs[c.Leg].State != payment.StateSending || op.Legs[c.Leg].Attempt != c.Attempt || !op.Legs[c.Leg].Amount.Equal(c.Amount) {
		w.t.Errorf("%s is sent before its mark is stored (I1)", c.ConversationID)
	}
	if ctx.Err() != nil {
		w.t.Errorf("%s is sent with a context that has ended", c.ConversationID)
	}
	if w.send != nil {
		return w.send(ctx, c)
	}
	w.executed(c)
	return payment.Answered{Verdict: payment.VerdictSucceeded, Proof: payment.Proof{AuthCode: "1", SignatureVerified: true}}
}

func (w *world) executed(c payment.Call) {
	w.iyzico.Entries = append(w.iyzico.Entries, payment.Entry{
		TxID: c.ConversationID, ConversationID: c.ConversationID, LineID: c.LineID, Amount: c.Amount, Status: 1,
		Cancel: c.API == payment.APICancel, CreatedAt: w.now,
	})
}

func (g gatewayOf) Read(_ context.Context, q payment.Query) (payment.Report, error) {
	w := g.w
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("read")
	if w.read != nil {
		return w.read(q)
	}
	return w.report(), nil
}

// ReadDay lists what the report lists.
func (g gatewayOf) ReadDay(_ context.Context, q payment.DayQuery) (payment.DayList, error) {
	g.w.mu.Lock()
	defer g.w.mu.Unlock()
	if g.w.listDay != nil {
		return g.w.listDay(q)
	}
	g.w.note("read day")
	s := story{now: g.w.now, iyzico: g.w.iyzico}
	return s.day(q.Day), nil
}

func (w *world) report() payment.Report {
	r := w.iyzico
	r.Entries = slices.Clone(r.Entries)
	r.ReadAt, r.SystemTime = w.now, w.now
	s := story{iyzico: r}
	if r.PaidAmount.IsZero() {
		r.PaidAmount = s.total()
	}
	if r.RefundStatus == "" {
		r.RefundStatus = s.refundStatus()
	}
	return r
}

func (w *world) request(c payment.Command) (payment.Result, error) {
	return w.service.Request(w.t.Context(), c, w.Now().Add(27*time.Second), payment.RecordNone)
}

// must carries out a command that has to end in that status.
func (w *world) must(c payment.Command, want payment.Status) payment.Result {
	w.t.Helper()
	r, err := w.request(c)
	if err != nil || r.Resource.Status != want {
		w.t.Fatalf("%s %s: %s, %v; want %s", c.Kind, c.Key, r.Resource.Status, err, want)
	}
	return r
}

func (w *world) account() *payment.Account {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.stored(payment.PaymentAccount(paymentID))
	return &a
}

func answers(v payment.Verdict) func(context.Context, payment.Call) payment.Answered {
	return func(context.Context, payment.Call) payment.Answered {
		return payment.Answered{Verdict: v, RetryAfter: 7 * time.Second}
	}
}

func TestARefundCostsOneReadTwoWritesAndOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100", "100")
	w.must(onLine(refund("first", "1"), "1"), payment.StatusSucceeded)
	if got := w.did(); got != "load read load save1 send-1 save2" {
		t.Errorf("first contact: %s", got)
	}
	r := w.must(onLine(refund("known", "1"), "1"), payment.StatusSucceeded)
	if got := w.did(); got != "load save3 send-1 save4" {
		t.Errorf("a known payment: %s", got)
	}
	if !r.Sent || r.Known || r.Resource.RefundedAmount != "1.00" || r.Resource.PaymentID != paymentID {
		t.Errorf("result %+v", r)
	}
	r = w.must(onLine(refund("known", "1"), "1"), payment.StatusSucceeded)
	if got := w.did(); got != "load" || r.Sent || !r.Known {
		t.Errorf("a replay: %s, %+v", got, r)
	}
	w.must(allocated(refund("two legs", "2"), payment.AllocateProportional), payment.StatusSucceeded)
	if got := w.did(); got != "load save5 send-1 save6 send-2 save7" {
		t.Errorf("two legs: %s", got)
	}
}

func TestALostAnswerIsNotAskedForAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("k", "10"), payment.StatusUnknown)
	w.must(refund("k", "10"), payment.StatusUnknown)
	if got := w.did(); strings.Count(got, "send") != 1 {
		t.Errorf("it did %s", got)
	}
}

// failure 4: the service alone
func TestNothingIsSentWhenTheMarkIsPerhapsStored(t *testing.T) {
	t.Parallel()
	for _, stored := range []bool{true, false} {
		w := newWorld(t, "100")
		w.saving = func(payment.Account) (bool, error) { return stored, errDown }
		r, err := w.request(refund("k", "1"))
		if payment.CodeOf(err) != payment.CodeUnavailable || r.Sent || !errors.Is(err, errDown) || strings.Contains(err.Error(), "fire") {
			t.Errorf("%+v, %v", r, err)
		}
		if got := w.did(); got != "load read load save1!" {
			t.Error(got)
		}
		w.saving = nil
		if !stored {
			w.must(refund("k", "1"), payment.StatusSucceeded)
			continue
		}
		// The mark was stored: nobody knows whether it was sent, so it never is (I2).
		if _, err := w.request(refund("k", "1")); payment.CodeOf(err) != payment.CodeInProgress {
			t.Error(err)
		}
		w.wait(time.Minute)
		w.must(refund("k", "1"), payment.StatusUnknown)
		for range 3 {
			w.wait(window)
			if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
				t.Error(err)
			}
		}
		if got := w.account().Operations[0].Status(); got != payment.StatusNotExecuted || strings.Contains(w.did(), "send") {
			t.Errorf("status %s", got)
		}
	}
}

func TestALostRaceIsDecidedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.must(refund("a", "1"), payment.StatusSucceeded)
	w.did()
	once := sync.OnceFunc(func() { // somebody else takes all but 10 just before our save
		a := w.stored(payment.PaymentAccount(paymentID))
		rules := payment.Rules{SettleWindow: window, SendTimeout: time.Minute}
		next, _, err := rules.Decide(a, payment.Requested{Command: refund("other", "89"), Until: w.now.Add(time.Minute)}, w.now)
		if err != nil {
			t.Error(err)
		}
		w.accounts[a.ID] = encode(t, next)
	})
	w.saving = func(payment.Account) (bool, error) { once(); return true, nil }
	if _, err := w.request(refund("b", "11")); payment.CodeOf(err) != payment.CodeExceedsRefundable {
		t.Errorf("error %v", err)
	}
	if got := w.did(); got != "load save3! load" {
		t.Error(got)
	}
	w.must(refund("c", "10"), payment.StatusSucceeded)
}

func TestAnEndlessRaceIsUnavailableInTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.must(refund("a", "1"), payment.StatusSucceeded)
	w.saving = func(payment.Account) (bool, error) { return false, payment.ErrConflict }
	if _, err := w.request(refund("b", "1")); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	w.did()
	w.loading = func() error { return errDown }
	if _, err := w.request(refund("b", "1")); payment.CodeOf(err) != payment.CodeUnavailable || w.did() != "load" {
		t.Errorf("error %v", err)
	}
}

func TestAReportIsReadAgainWhenTheAccountChangedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.must(refund("a", "1"), payment.StatusSucceeded)
	w.did()
	var deadlines []time.Time
	w.read = func(q payment.Query) (payment.Report, error) {
		deadlines = append(deadlines, q.Deadline)
		report := w.report()
		if len(deadlines) == 1 { // another process refunds 50 after the report was made
			w.mu.Unlock()
			w.read, w.log = nil, nil
			keep := w.service
			if _, err := keep.Request(t.Context(), refund("other", "50"), w.Now().Add(time.Minute), payment.RecordNone); err != nil {
				t.Error(err)
			}
			w.mu.Lock()
			w.log = []string{"read"}
			w.read = func(q payment.Query) (payment.Report, error) {
				deadlines = append(deadlines, q.Deadline)
				return w.report(), nil
			}
		}
		return report, nil
	}
	r := w.must(full("full"), payment.StatusSucceeded)
	if r.Resource.Amount != "49.00" || r.Known {
		t.Errorf("result %+v", r)
	}
	if got := w.did(); got != "read load load read load save5 send-1 save6" {
		t.Error(got)
	}
	if len(deadlines) != 2 || !deadlines[0].Equal(deadlines[1]) || !deadlines[0].Equal(opening.Add(6*time.Second)) {
		t.Errorf("the reads of one call must share six seconds: %v", deadlines)
	}
}

func TestReadsEndWithTheHandlersTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.read = func(q payment.Query) (payment.Report, error) {
		if !q.Deadline.Equal(opening.Add(2*time.Second)) || q.Purpose != payment.PurposeInteractive || q.PaymentID != paymentID {
			t.Errorf("query %+v", q)
		}
		return payment.Report{}, &payment.Error{Code: payment.CodeUnavailable, Message: "no answer"}
	}
	c := refund("k", "1")
	c.Interactive = true
	if _, err := w.service.Request(t.Context(), c, opening.Add(2*time.Second), payment.RecordNone); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Error(err)
	}
}

func TestWhatCannotBeReadIsNotSent(t *testing.T) {
	t.Parallel()
	for code, known := range map[payment.Code]payment.Code{
		payment.CodeNotFound: payment.CodeUnavailable, payment.CodeRateLimited: payment.CodeRateLimited,
		payment.CodeUnavailable: payment.CodeUnavailable,
	} {
		w := newWorld(t, "100")
		down := func(payment.Query) (payment.Report, error) {
			return payment.Report{}, &payment.Error{Code: code, Message: "no"}
		}
		w.read = down
		if _, err := w.request(refund("k", "1")); payment.CodeOf(err) != code || len(w.accounts) != 0 {
			t.Errorf("first contact: %v", err)
		}
		w.read = nil
		w.must(refund("k", "1"), payment.StatusSucceeded)
		w.did()
		w.read = down
		if _, err := w.request(cancel("c")); payment.CodeOf(err) != known || w.did() != "load read" {
			t.Errorf("%s for a payment that we know: %v", code, err)
		}
	}
}

// failure 11: the service alone
func TestAnAnswerIsSavedUntilTheHandlersEnd(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]error{"down": errDown, "race": payment.ErrConflict} {
		w := newWorld(t, "100")
		failures := 10
		w.saving = func(next payment.Account) (bool, error) {
			if next.Version > 1 && failures > 0 {
				failures--
				return false, fault
			}
			return true, nil
		}
		r := w.must(refund("k", "1"), payment.StatusSucceeded)
		if got := w.account().Operations[0].Status(); !r.Sent || got != payment.StatusSucceeded || failures != 0 {
			t.Errorf("%s: %+v, stored %s", name, r, got)
		}
	}
}

// A worker that was frozen wakes up with iyzico's answer when its time is over and the reconciler has been there. For a fund
// payment that answer is the only word there will ever be: it must not be lost to a lost race.
//
// failure 17: the service alone, what a late worker holds is not lost
func TestAnAnswerIsSavedAfterALostRaceThoughTheHandlersTimeIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = func(context.Context, payment.Call) payment.Answered {
		w.mu.Unlock()
		defer w.mu.Lock()
		w.wait(10 * time.Minute)
		if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
		if got := w.account().Operations[0].Status(); got != payment.StatusUnknown {
			t.Errorf("the reconciler made it %s", got)
		}
		return payment.Answered{Verdict: payment.VerdictRejected, Failure: &payment.Failure{Code: "10051"}}
	}
	w.must(refund("k", "1"), payment.StatusRejected)
	if got := w.account().Operations[0].Status(); got != payment.StatusRejected {
		t.Errorf("stored as %s", got)
	}
}

func TestAnAnswerThatIsNeverSavedIsAnUnknownOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.saving = func(next payment.Account) (bool, error) {
		return next.Version == 1, map[bool]error{false: errDown}[next.Version == 1]
	}
	r := w.must(refund("k", "1"), payment.StatusUnknown)
	if !r.Sent || r.Resource.Legs[0].Status != payment.StatusUnknown || r.Failure != nil || r.Resource.RefundedAmount != "0.00" {
		t.Errorf("result %+v", r)
	}
	if took := w.Now().Sub(opening); took < 27*time.Second || took > 40*time.Second {
		t.Errorf("gave up after %v", took)
	}
	w.saving = nil
	w.wait(time.Minute)
	if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if w.did(); w.account().Operations[0].Status() != payment.StatusSucceeded {
		t.Error("it was done, and the report says so")
	}
}

func TestOurOwnAnswerThatWasStoredAfterAllIsNotTakenTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "10", "20")
	w.saving = func(next payment.Account) (bool, error) {
		if next.Version == 2 {
			return true, errDown // stored, with the next leg marked; the answer to the save is lost
		}
		return true, nil
	}
	r := w.must(full("k"), payment.StatusProcessing)
	if got := w.did(); !r.Sent || got != "load read load save1 send-1 save2! load" {
		t.Errorf("%s: the second leg's mark is perhaps another's, so nobody sends it (I2)", got)
	}
}

func TestTheCallersLeavingStopsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "10", "20")
	ctx, leave := context.WithCancel(t.Context())
	w.send = func(ctx context.Context, c payment.Call) payment.Answered {
		leave()
		w.executed(c)
		return payment.Answered{Verdict: payment.VerdictSucceeded}
	}
	r, err := w.service.Request(ctx, full("k"), opening.Add(27*time.Second), payment.RecordNone)
	if err != nil || r.Resource.Status != payment.StatusSucceeded || w.account().Operations[0].Status() != payment.StatusSucceeded {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTheResultTellsWhatTheCallDid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictNotSent)
	if r := w.must(refund("k", "1"), payment.StatusNotSent); !r.Sent || r.Known || r.RetryAfter != 7*time.Second {
		t.Errorf("%+v", r)
	}
	w.send = answers(payment.VerdictUnknown)
	if r := w.must(refund("k", "1"), payment.StatusUnknown); r.Known || r.Resource.Legs[0].ConversationID != conversation("k", 2) {
		t.Errorf("a key that not_sent gave free is not a known one: %+v", r)
	}
	if r := w.must(refund("k", "1"), payment.StatusUnknown); !r.Known || r.Sent {
		t.Errorf("%+v", r)
	}
	w.send = func(context.Context, payment.Call) payment.Answered {
		return payment.Answered{Verdict: payment.VerdictRejected, Failure: &payment.Failure{Code: "10051", Message: "no"}}
	}
	for i := range 2 {
		if r := w.must(refund("r", "1"), payment.StatusRejected); r.Failure == nil || r.Failure.Code != "10051" || r.Known != (i == 1) {
			t.Errorf("%+v", r)
		}
	}
}

func TestTwoOfTheSameRequestSendOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			r, err := w.request(refund("k", "1"))
			if err != nil && payment.CodeOf(err) != payment.CodeInProgress && payment.CodeOf(err) != payment.CodeUnavailable {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	wg.Wait()
	if got := strings.Count(w.did(), "send"); got != 1 || len(w.iyzico.Entries) != 1 {
		t.Errorf("sent %d times", got)
	}
}

func TestReconcileSettlesWhatIsDueAndSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "10", "20", "30")
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		if c.Leg == 0 {
			return payment.Answered{Verdict: payment.VerdictSucceeded}
		}
		w.executed(c)
		return payment.Answered{}
	}
	w.must(allocated(refund("k", "60"), payment.AllocateInOrder), payment.StatusUnknown)
	w.did()
	if done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil || done != (payment.Summary{Complete: true}) || w.did() != "" {
		t.Errorf("nothing is due yet: %+v, %v", done, err)
	}
	w.wait(time.Minute)
	done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute))
	if err != nil || done != (payment.Summary{Looked: 1, Settled: 1, Complete: true}) {
		t.Errorf("%+v, %v", done, err)
	}
	if got := w.did(); strings.Contains(got, "send") || strings.Count(got, "read") != 1 || strings.Count(got, "save") != 1 {
		t.Error(got)
	}
	if got := w.account().Operations[0].Status(); got != payment.StatusPartiallySucceeded {
		t.Errorf("status %s", got)
	}
}

func TestReconcileNeedsNoReportForTimeAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "10", "20")
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		return payment.Answered{Verdict: map[int]payment.Verdict{0: payment.VerdictSucceeded, 1: payment.VerdictNotSent}[c.Leg]}
	}
	w.must(full("k"), payment.StatusProcessing)
	w.wait(time.Hour)
	w.did()
	done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute))
	if err != nil || done.Settled != 1 || strings.Contains(w.did(), "read") {
		t.Errorf("%+v, %v", done, err)
	}
}

// failure 17: the service alone
func TestTwoReconcilersCountOneAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("k", "1"), payment.StatusUnknown)
	for i := range 3 {
		w.wait(window / 2)
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		leg := w.account().Operations[0].Legs[0]
		if i < 2 && (leg.State != payment.StateUnknown || leg.Absences != i+1) {
			t.Errorf("after pass %d: %s, %d absences", i+1, leg.State, leg.Absences)
		}
	}
	if got := w.account().Operations[0].Status(); got != payment.StatusNotExecuted {
		t.Errorf("status %s", got)
	}
}

func TestReconcileLooksAgainAtAStaleList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.must(refund("k", "1"), payment.StatusSucceeded)
	w.opened = []payment.AccountID{payment.PaymentAccount(paymentID), payment.PaymentAccount("404")}
	w.did()
	done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute))
	if err != nil || done != (payment.Summary{Complete: true}) || w.did() != "load load" {
		t.Errorf("%+v, %v", done, err)
	}
}

// untilDue lets time go by until reconcile has something to look at.
func (w *world) untilDue() {
	if wait := w.account().DueAt().Sub(w.Now()); wait > 0 {
		w.wait(wait)
	}
}

func TestReconcileAndReadsThatFail(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("k", "1"), payment.StatusUnknown)
	for _, c := range []struct {
		code  payment.Code
		want  payment.Summary
		saves int
	}{
		{payment.CodeRateLimited, payment.Summary{Looked: 1, Waiting: 1, Complete: true}, 0},
		{payment.CodeUnavailable, payment.Summary{Looked: 1, Unreadable: 1, Complete: true}, 1},
		{payment.CodeNotFound, payment.Summary{Looked: 1, Unreadable: 1, Complete: true}, 1},
	} {
		w.untilDue()
		w.read = func(q payment.Query) (payment.Report, error) {
			if q.Purpose != payment.PurposeSettle || q.Deadline.Sub(w.now) != 6*time.Second {
				t.Errorf("query %+v", q)
			}
			return payment.Report{}, &payment.Error{Code: c.code}
		}
		w.did()
		done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute))
		if did := w.did(); err != nil || done != c.want || strings.Count(did, "save") != c.saves {
			t.Errorf("%s: %+v, %v, %s", c.code, done, err, did)
		}
	}
	w.wait(2 * time.Minute)
	w.read = func(payment.Query) (payment.Report, error) { r := w.report(); r.Listed = false; return r, nil }
	w.untilDue()
	if done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil || done.Unreadable != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	w.wait(25 * time.Hour)
	if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if got := w.account().Operations[0].Status(); got != payment.StatusNeedsReview {
		t.Errorf("status %s after a day without a report", got)
	}
}

func TestReconcileKeepsItsTimeAndGoesOnAfterAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("k", "1"), payment.StatusUnknown)
	w.wait(time.Hour)
	account := w.account()
	for i := range 60 { // more than a page
		copied := *account
		copied.ID = payment.PaymentAccount(fmt.Sprint(20000000 + i))
		w.accounts[copied.ID] = encode(t, copied)
	}
	if done, err := w.service.Reconcile(t.Context(), w.Now().Add(7*time.Second)); err != nil || done.Looked != 0 {
		t.Errorf("too little time for one: %+v, %v", done, err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if done, err := w.service.Reconcile(ctx, w.Now().Add(time.Minute)); !errors.Is(err, context.Canceled) || done.Looked != 0 {
		t.Errorf("stopped: %+v, %v", done, err)
	}
	failing := true
	w.saving = func(next payment.Account) (bool, error) {
		if failing && next.ID == account.ID {
			return false, errDown
		}
		return true, nil
	}
	w.read = func(q payment.Query) (payment.Report, error) {
		r := w.report()
		r.PaymentID = q.PaymentID
		return r, nil
	}
	// 60 copies carry the first payment's id in them, so their reports fit none of them and count as unreadable.
	done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Hour))
	if err == nil || !errors.Is(err, errDown) || done.Looked != 61 || done.Failed != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	w.loading = func() error { return errDown }
	if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Hour)); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
}

func TestCheckSettlesNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = func(_ context.Context, c payment.Call) payment.Answered { w.executed(c); return payment.Answered{} }
	id := w.must(refund("k", "1"), payment.StatusUnknown).Resource.ID
	until := w.Now().Add(10 * time.Second)

	w.read = func(q payment.Query) (payment.Report, error) {
		if q.Purpose != payment.PurposeInteractive || !q.Deadline.Equal(until) || q.PaymentID != paymentID {
			t.Errorf("query %+v", q)
		}
		return payment.Report{}, &payment.Error{Code: payment.CodeNotFound}
	}
	if _, err := w.service.Check(t.Context(), id, until); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("the operation exists, so %v", err)
	}
	w.read = func(payment.Query) (payment.Report, error) {
		return payment.Report{}, &payment.Error{Code: payment.CodeRateLimited}
	}
	if _, err := w.service.Check(t.Context(), id, until); payment.CodeOf(err) != payment.CodeRateLimited {
		t.Errorf("error %v", err)
	}
	w.read = nil
	for range 2 {
		if r, err := w.service.Check(t.Context(), id, until); err != nil || r.Status != payment.StatusSucceeded {
			t.Errorf("%+v, %v", r, err)
		}
	}
	for _, missing := range []string{"", "rf_1", "rf_10000001_aaaaaaaaaaaaaaaa", "rf_404_aaaaaaaaaaaaaaaa", "fp_" + strings.Repeat("a", 26)} {
		w.did()
		if _, err := w.service.Check(t.Context(), missing, until); payment.CodeOf(err) != payment.CodeNotFound || strings.Contains(w.did(), "read") {
			t.Errorf("%q: %v", missing, err)
		}
		if _, err := w.service.Operation(t.Context(), missing); payment.CodeOf(err) != payment.CodeNotFound {
			t.Errorf("%q: %v", missing, err)
		}
		if _, err := w.service.Resolve(t.Context(), missing, payment.DecideSucceeded, "r", "b", until); payment.CodeOf(err) != payment.CodeNotFound || strings.Contains(w.did(), "read") {
			t.Errorf("%q: %v", missing, err)
		}
	}
}

func TestResolveReadsFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	id := w.must(refund("k", "1"), payment.StatusUnknown).Resource.ID
	until := func() time.Time { return w.Now().Add(20 * time.Second) }
	w.did()
	if _, err := w.service.Resolve(t.Context(), id, payment.DecideNotExecuted, "r", "b", until()); payment.CodeOf(err) != payment.CodeNotResolvable || w.did() != "load" {
		t.Errorf("unknown is not a person's to decide: %v", err)
	}
	w.wait(25 * time.Hour)
	w.read = func(payment.Query) (payment.Report, error) {
		return payment.Report{}, &payment.Error{Code: payment.CodeNotFound}
	}
	if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	if _, err := w.service.Resolve(t.Context(), id, payment.DecideNotExecuted, "r", "b", until()); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("an unreadable report is a 503: %v", err)
	}
	w.read = nil
	w.did()
	for range 2 {
		if r, err := w.service.Resolve(t.Context(), id, payment.DecideNotExecuted, "r", "b", until()); err != nil || r.Status != payment.StatusNotExecuted {
			t.Errorf("%+v, %v", r, err)
		}
	}
	if got := w.did(); got != "load read load save4 load" {
		t.Error(got)
	}
}

func TestAPaymentThatIsNotKnownIsReadAndNotStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.iyzico.Entries = []payment.Entry{{TxID: "p", LineID: "1", Amount: amount("30"), Status: 1}}
	view, err := w.service.Payment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second))
	if err != nil || view.RefundableAmount != "70.00" || view.Status != payment.PaymentPartiallyRefunded || len(w.accounts) != 0 {
		t.Errorf("%+v, %v", view, err)
	}
	w.must(refund("k", "1"), payment.StatusSucceeded)
	w.did()
	if view, err = w.service.Payment(t.Context(), paymentID, 0, w.Now().Add(5*time.Second)); err != nil || view.RefundedAmount != "31.00" || len(view.Operations) != 1 || w.did() != "load" {
		t.Errorf("%+v, %v", view, err)
	}
	w.read = func(payment.Query) (payment.Report, error) {
		return payment.Report{}, &payment.Error{Code: payment.CodeNotFound}
	}
	if _, err := w.service.Payment(t.Context(), "404", 0, w.Now().Add(5*time.Second)); payment.CodeOf(err) != payment.CodeNotFound {
		t.Errorf("error %v", err)
	}
	w.loading = func() error { return errDown }
	if _, err := w.service.Payment(t.Context(), paymentID, 0, w.Now()); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
}

func TestAPaymentsOperationsComeInPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	s := newStory(t, "100").ask(refund("k", "0.1")).answer(succeeded).repeat2("k", 149)
	w.accounts[s.account.ID] = encode(t, s.account)
	first, err := w.service.Payment(t.Context(), paymentID, 0, w.Now())
	if err != nil || len(first.Operations) != 100 || first.NextCursor != "100" {
		t.Errorf("%d operations, cursor %q, %v", len(first.Operations), first.NextCursor, err)
	}
	second, err := w.service.Payment(t.Context(), paymentID, 100, w.Now())
	if err != nil || len(second.Operations) != 50 || second.NextCursor != "" {
		t.Errorf("%d operations, cursor %q, %v", len(second.Operations), second.NextCursor, err)
	}
}

func TestOperationsListsWhatIsUnfinished(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	w.must(refund("unknown", "1"), payment.StatusUnknown)
	w.send = answers(payment.VerdictRejected)
	w.must(refund("rejected", "1"), payment.StatusRejected)
	w.send = nil
	w.must(refund("succeeded", "1"), payment.StatusSucceeded)
	for _, tc := range []struct {
		statuses []payment.Status
		want     int
	}{
		{nil, 1}, {[]payment.Status{payment.StatusUnknown}, 1}, {[]payment.Status{payment.StatusNeedsReview}, 0},
		{[]payment.Status{payment.StatusNeedsReview, payment.StatusUnknown}, 1},
	} {
		found, next, err := w.service.Operations(t.Context(), payment.OperationFilter{Statuses: tc.statuses}, "", 10)
		if err != nil || next != "" || found == nil || len(found) != tc.want {
			t.Errorf("%v: %+v, %q, %v", tc.statuses, found, next, err)
		}
	}
	w.opened = []payment.AccountID{"PAYMENT#1", payment.PaymentAccount(paymentID), "PAYMENT#2"} // two entries are stale
	found, next, err := w.service.Operations(t.Context(), payment.OperationFilter{}, "", 1)
	if err != nil || len(found) != 0 || next != "PAYMENT#1" {
		t.Errorf("a page may be empty and have a next: %+v, %q, %v", found, next, err)
	}
	if found, next, err = w.service.Operations(t.Context(), payment.OperationFilter{}, next, 10); err != nil || len(found) != 1 || found[0].PaymentID != paymentID || next != "" {
		t.Errorf("%+v, %q, %v", found, next, err)
	}
	w.loading = func() error { return errDown }
	if _, _, err := w.service.Operations(t.Context(), payment.OperationFilter{}, "", 1); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
}

func TestAPreviewStoresAndSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "10", "20")
	until := w.Now().Add(20 * time.Second)
	for name, tc := range map[string]struct {
		c          payment.Command
		want       string
		refundable string
		code       payment.Code
	}{
		"split":      {allocated(refund("", "3"), payment.AllocateProportional), "[1 1.00] [2 2.00]", "30.00", ""},
		"line":       {onLine(refund("", "3"), "2"), "[2 3.00]", "20.00", ""},
		"full":       {full(""), "[1 10.00] [2 20.00]", "30.00", ""},
		"v2":         {allocated(refund("", "3"), payment.AllocateByIyzico), "[ 3.00]", "30.00", ""},
		"no line":    {onLine(refund("", "1"), "9"), "", "", payment.CodeLineNotFound},
		"exceeds":    {onLine(refund("", "21"), "2"), "", "", payment.CodeExceedsRefundable},
		"allocation": {refund("", "3"), "", "", payment.CodeAllocationNeeded},
	} {
		preview, err := w.service.Preview(t.Context(), tc.c, until)
		var legs []string
		for _, leg := range preview.Legs {
			legs = append(legs, fmt.Sprintf("[%s %s]", leg.PaymentTransactionID, leg.Amount))
		}
		if strings.Join(legs, " ") != tc.want || preview.Refundable != tc.refundable || payment.CodeOf(err) != tc.code {
			t.Errorf("%s: %v, %v", name, preview, err)
		}
	}
	if got := w.did(); len(w.accounts) != 0 || strings.Contains(got, "save") || strings.Contains(got, "send") {
		t.Error(got)
	}
	w.must(onLine(refund("k", "4"), "1"), payment.StatusSucceeded)
	before := *w.account()
	w.did()
	preview, err := w.service.Preview(t.Context(), onLine(refund("k", "99"), "1"), until)
	if payment.CodeOf(err) != payment.CodeExceedsRefundable {
		t.Errorf("the key is not looked at: %v, %v", preview, err)
	}
	if preview, err = w.service.Preview(t.Context(), onLine(refund("", "6"), "1"), until); err != nil || preview.Refundable != "6.00" || w.did() != "load load" {
		t.Errorf("%+v, %v", preview, err)
	}
	w.read = func(payment.Query) (payment.Report, error) {
		return payment.Report{}, &payment.Error{Code: payment.CodeUnavailable}
	}
	if _, err := w.service.Preview(t.Context(), full(""), until); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	if after := *w.account(); after.Version != before.Version {
		t.Error("a dry run saved something")
	}
	w.loading = func() error { return errDown }
	if _, err := w.service.Preview(t.Context(), full(""), until); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
}

func TestErrorsTellTheCallerNothingOfTheirCause(t *testing.T) {
	t.Parallel()
	refundable := money.MinorUnits(1, money.TRY)
	e := &payment.Error{Code: payment.CodeExceedsRefundable, Message: "too much", Refundable: &refundable, Cause: errDown}
	if e.Error() != "exceeds-refundable: too much" || !errors.Is(e, errDown) || payment.CodeOf(fmt.Errorf("doing: %w", e)) != payment.CodeExceedsRefundable {
		t.Errorf("%v", e)
	}
	if payment.CodeOf(nil) != "" || payment.CodeOf(errDown) != payment.CodeInternal {
		t.Error("an error of another kind is ours to look at")
	}
}

func TestAKeyWhoseUnsentAttemptMovedMoneyIsSettledNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = func(_ context.Context, c payment.Call) payment.Answered {
		w.executed(c) // it moved money all the same
		return payment.Answered{Verdict: payment.VerdictNotSent}
	}
	w.must(full("k"), payment.StatusNotSent)
	w.did()
	r := w.must(full("k"), payment.StatusNeedsReview)
	if got := w.did(); r.Sent || strings.Contains(got, "send") || w.account().View(0, time.Time{}).RefundedAmount != "100.00" {
		t.Errorf("%s: %+v", got, r)
	}
	if _, err := w.request(refund("k", "1")); payment.CodeOf(err) != payment.CodeKeyReused {
		t.Errorf("the key is bound again: %v", err)
	}
}

func TestReconcileFollowsUpADefiniteNo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictRejected)
	w.must(refund("k", "1"), payment.StatusRejected)
	for _, after := range []time.Duration{time.Hour, 23 * time.Hour, 48 * time.Hour} {
		w.wait(after)
		w.did()
		if done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil || done.Looked != 1 || strings.Count(w.did(), "read") != 1 {
			t.Errorf("%+v, %v", done, err)
		}
	}
	w.wait(1000 * time.Hour)
	if done, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil || done.Looked != 0 {
		t.Errorf("%+v, %v", done, err)
	}
}

func TestALostRaceReadsAgainForADecision(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	id := w.must(refund("k", "1"), payment.StatusUnknown).Resource.ID
	w.wait(25 * time.Hour)
	w.read = func(payment.Query) (payment.Report, error) { return payment.Report{}, errDown }
	if _, err := w.service.Reconcile(t.Context(), w.Now().Add(time.Minute)); err != nil {
		t.Error(err)
	}
	w.read = nil
	lost := true
	w.saving = func(payment.Account) (bool, error) {
		if lost {
			lost = false
			return false, payment.ErrConflict
		}
		return true, nil
	}
	w.did()
	r, err := w.service.Resolve(t.Context(), id, payment.DecideSucceeded, "r", "b", w.Now().Add(20*time.Second))
	if got := w.did(); err != nil || r.Status != payment.StatusSucceeded || got != "load read load save4! load read load save4" {
		t.Errorf("%s: %+v, %v", got, r, err)
	}
}

func TestErrorsOfTheStoreAreUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "100")
	w.send = answers(payment.VerdictUnknown)
	id := w.must(refund("k", "1"), payment.StatusUnknown).Resource.ID
	w.wait(time.Minute)
	w.saving = func(payment.Account) (bool, error) { return false, errDown }
	until := w.Now().Add(time.Minute)
	if _, err := w.service.Check(t.Context(), id, until); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	loads := 0
	w.loading = func() error {
		if loads++; loads > 1 {
			return errDown
		}
		return nil
	}
	if done, err := w.service.Reconcile(t.Context(), until); payment.CodeOf(err) != payment.CodeUnavailable || done.Failed != 1 {
		t.Errorf("%+v, %v", done, err)
	}
	loads = 0
	if _, _, err := w.service.Operations(t.Context(), payment.OperationFilter{}, "", 5); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
	w.loading = func() error { return errDown }
	if _, err := w.service.Operation(t.Context(), id); payment.CodeOf(err) != payment.CodeUnavailable {
		t.Errorf("error %v", err)
	}
}
