package payment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	readTime       = 6 * time.Second // all reads before a send share it
	saveGrace      = 2 * time.Second // after the handler's end, for saving an answer
	maxConflicts   = 20              // saves that lost a race, for one event
	accountsPerRun = 50              // a page of Store.Open
)

// Service applies events to accounts. It is safe for concurrent use: the store's version is the only lock of an
// account.
type Service struct {
	store    Store
	gateway  Gateway
	clock    Clock
	rules    Rules
	tell     func(context.Context, Alarm)
	changed  func(ctx context.Context, old, next Account)
	uses     UseStore // nil = the merchant's own limits cannot be counted
	counting sync.Mutex
	used     func(ctx context.Context, use LimitUse, refused bool)

	takeHint func(context.Context) (bool, error)
	together func(work func())
	memory   passMemory
	shelf    dayShelf
}

// NewService puts the domain together with its ports.
func NewService(store Store, gateway Gateway, clock Clock, rules Rules) *Service {
	return &Service{store: store, gateway: gateway, clock: clock, rules: rules, together: func(work func()) { work() }}
}

// Apply is the only way to change an account: handlers, callback, reconciler and operators all use it. It loads, decides,
// saves, sends what Decide marked, and applies the answer, until nothing is left to send.
//
// It goes on when the caller goes away: an answer that is not saved would leave money unaccounted for. Errors are the
// domain's: what Decide refused; CodeUnavailable when nothing was sent and the store or iyzico could not be reached.
// Once something was sent there is no error any more: an answer that could not be saved is an unknown outcome.
func (s *Service) Apply(ctx context.Context, id AccountID, e Event) (Result, error) {
	ctx = context.WithoutCancel(ctx)
	var result Result
	account, err := s.store.Load(ctx, id)
	if err != nil {
		return result, notSaved(err)
	}
	for {
		done, err := s.decideAndSave(ctx, account, e, &result)
		answer, answered := e.(Answered)
		if err != nil && answered {
			result.lose(answer)
			return result, nil
		}
		if err != nil {
			return result, result.unlessSent(err)
		}
		s.announce(ctx, done.before, done.after)
		s.giveBack(ctx, done)
		result.show(done.after, e)
		if next, more := goesOn(done.after, e); more && done.send == nil {
			account, e = done.after, next
			continue
		}
		if done.send == nil {
			switch e.(type) {
			case SeedDone, Hinted: // a notice opens no account
			default:
				// Should it fail, the account stays due and reconcile repeats it; what was asked for is done all the same.
				_ = s.seed(ctx, done.after)
			}
			result.held(s.rules, e)
			if done.wait > 0 && result.Resource.Status == StatusProcessing {
				result.RetryAfter = done.wait
			}
			result.awaitNextLook(s.clock.Now())
			return result, result.unlessSent(done.refused)
		}
		// A crash from here until the answer is saved leaves the attempt `sending`: it becomes unknown at its deadline
		// and settles by reading (I2, I7). It is never sent again.
		answer = s.gateway.Send(ctx, *done.send)
		answer.Call = *done.send
		result.sent(answer)
		account, e = done.after, answer
	}
}

// goesOn gives the event with which the same request goes on once an answer is saved: iyzico refused a reversal's cancel, so the
// refunds in its place are sent after a read of the report. Who asked is there, and the time left is what is left of it.
func goesOn(account Account, e Event) (Event, bool) {
	answer, answered := e.(Answered)
	if !answered || answer.Call.API != APICancel {
		return nil, false
	}
	op := account.Operation(answer.Call.OperationID)
	if op == nil || !op.awaitsPlan() || !op.hasLeg(StateReserved) {
		return nil, false
	}
	return Requested{Command: answer.Call.Command, Until: answer.Call.Until}, true
}

// unlessSent is the error of a request that sent nothing. Once something was sent, what became of it is the answer, and what
// kept the rest from going on only tells when to ask again.
func (r *Result) unlessSent(err error) error {
	var e *Error
	if !r.Sent || !errors.As(err, &e) {
		return err
	}
	r.RetryAfter = e.RetryAfter
	return nil
}

// decision is what became of one event.
type decision struct {
	before, after Account
	send          *Call         // marked in after, which is saved
	refused       error         // what Decide answered the caller
	wait          time.Duration // when asking again makes sense for legs that the merchant's own limits hold back; 0 = none are
}

// decideAndSave decides on one event and saves what changed, again after each lost race. An error says that nothing was
// saved for certain, and that nothing of this event may be sent.
func (s *Service) decideAndSave(ctx context.Context, account Account, e Event, result *Result) (decision, error) {
	id := account.ID
	var readBy time.Time // all reads of one event share one time
	var held taken
	defer func() { s.letGo(ctx, account, &held) }()
	for tries := 1; ; {
		now := s.clock.Now()
		next, send, refused := s.rules.Decide(account, e, now)
		result.note(account, e)
		var err error
		if errors.Is(refused, ErrReadFirst) {
			if e, err = s.readFirst(ctx, account, e, &readBy); err != nil {
				return decision{}, err
			}
			if err = s.unchanged(ctx, account); err == nil {
				continue
			}
		} else {
			// I1, I2: the mark is durable before the request leaves. A crash before this line leaves no trace; a crash after
			// it leaves an attempt that nobody sends again and that settles by reading.
			var d decision
			if d, err = s.count(ctx, decision{before: account, after: next, send: send, refused: refused}, e, &held, now); err == nil {
				if d.send != nil && s.clock.Now().Sub(now) > countTime {
					continue // the attempt would have less time than it is marked with
				}
				d.after.Author = authorOf(ctx, e, now)
				held.tried = true
				err = s.saveChanged(ctx, account, d.after)
				held.stored = held.stored || err != nil && !errors.Is(err, ErrConflict)
			}
			if err == nil {
				held = taken{}
				return d, nil
			}
		}
		for err != nil {
			if !s.tryAgain(ctx, e, err, tries) {
				held.stored = true // for all that is known
				return decision{}, notSaved(err)
			}
			tries++
			e = withoutReport(e)
			account, err = s.store.Load(ctx, id)
		}
	}
}

// saveChanged saves next if it is another version than account.
func (s *Service) saveChanged(ctx context.Context, account, next Account) error {
	if next.Version == account.Version {
		return nil
	}
	return s.store.Save(ctx, next)
}

// unchanged returns ErrConflict if the account was changed while its report was read. Only with the account as it stood
// before and after can a report be compared with it: an older one may miss what ended meanwhile, and an older account
// knows nothing of a refund that the report lists already.
func (s *Service) unchanged(ctx context.Context, account Account) error {
	now, err := s.store.Load(ctx, account.ID)
	if err == nil && now.Version != account.Version {
		err = ErrConflict
	}
	return err
}

// withoutReport is the event as it first came: after a lost race its report is too old.
func withoutReport(e Event) Event {
	switch event := e.(type) {
	case Requested:
		event.Report = nil
		return event
	case Resolved:
		event.Report = nil
		return event
	}
	return e
}

// tryAgain tells whether a load or save that failed is tried once more. Only a lost race may be repeated before a send:
// after any other error the mark is perhaps stored, so nothing may be sent on it. An answer is tried until the handler's
// end, for losing it costs an unknown outcome; and after a lost race even later, because a worker that was frozen finds
// that the reconciler has changed the account meanwhile, and what it holds may be the only word of iyzico's.
func (s *Service) tryAgain(ctx context.Context, e Event, err error, tries int) bool {
	again := errors.Is(err, ErrConflict) && tries < maxConflicts
	if answer, ok := e.(Answered); ok {
		again = again || s.clock.Now().Before(answer.Call.Until.Add(saveGrace))
	}
	return again && s.clock.Pause(ctx, tries) == nil
}

func notSaved(err error) error {
	return &Error{
		Code: CodeUnavailable, Message: "the payment could not be saved: nothing was sent, ask again with the same key",
		RetryAfter: time.Second, Cause: fmt.Errorf("save before sending: %w", err),
	}
}

// readFirst reads iyzico's report once and puts it into the event that asked for it. All reads of one Apply end by
// readBy, which the first one sets.
func (s *Service) readFirst(ctx context.Context, account Account, e Event, readBy *time.Time) (Event, error) {
	query := account.query()
	query.Purpose = PurposeInteractive
	var until time.Time
	switch event := e.(type) {
	case Requested:
		query.Purpose, until = event.Command.purpose(), event.Until
	case Resolved:
		until = event.Until
	}
	if readBy.IsZero() {
		*readBy = s.clock.Now().Add(readTime)
	}
	query.Deadline = *readBy
	if until.Before(query.Deadline) {
		query.Deadline = until
	}
	read := s.read
	if requested, ok := e.(Requested); ok && account.ID.isFund() {
		read = s.forgotten(account, requested.Command)
	}
	report, err := read(ctx, account.ID, query)
	if err != nil && account.Version > 0 {
		err = unreadable(err)
	}
	if err != nil {
		return nil, fmt.Errorf("read account %s: %w", account.ID, err)
	}
	switch event := e.(type) {
	case Requested:
		event.Report = &report
		return event, nil
	case Resolved:
		event.Report = &report
		return event, nil
	}
	return nil, fmt.Errorf("payment: %T does not take a report", e)
}

// note remembers whether the key named an operation before this call did anything.
func (r *Result) note(account Account, e Event) {
	if requested, ok := e.(Requested); ok && !r.Sent {
		op := account.operationByKey(requested.Command.Key)
		r.Known = op != nil && op.Status() != StatusNotSent || account.past(requested.Command) != nil
	}
}

// show takes over the operation that the event is about.
func (r *Result) show(account Account, e Event) {
	var op *Operation
	switch e := e.(type) {
	case Requested:
		if op = account.operationByKey(e.Command.Key); op == nil {
			if past := account.past(e.Command); past != nil {
				r.Resource, r.Failure = past.Resource(account.PaymentID), nil
			}
		}
	case Answered:
		op = account.Operation(e.Call.OperationID)
	case Resolved:
		op = account.Operation(e.OperationID)
	case Returned:
		op = account.Operation(e.OperationID)
	case Observed, Listed, Due, Hinted, Seeded, SeedDone:
	}
	if op != nil {
		r.Resource, r.Failure = op.Resource(account.PaymentID), op.FirstFailure()
	}
}

func (r *Result) sent(answer Answered) {
	r.Sent = true
	r.RetryAfter = answer.RetryAfter
}

// lose shows an operation whose answer could not be saved: whatever iyzico said, what is stored says `sending`, which
// will be unknown.
func (r *Result) lose(answer Answered) {
	status := StatusUnknown
	if answer.Call.API == APIBalanceInit {
		status = StatusNotSent // nobody was given the page's url, so nothing can move
	}
	r.Resource.Status, r.Resource.SealedURL = status, ""
	if i := answer.Call.Leg; i < len(r.Resource.Legs) {
		r.Resource.Legs[i].Status = status
	}
	r.Failure = nil
}

// Alarm is something that a person must hear of (I5, I7).
type Alarm struct {
	Kind        AlarmKind
	PaymentID   string
	OperationID string // empty for what no operation of ours explains
}

// AlarmKind says what the alarm is about. The words are stable: logs and metrics are counted by them.
type AlarmKind string

// The kinds of alarm.
const (
	AlarmNeedsReview  AlarmKind = "needs_review"     // an operation waits for a person
	AlarmContradicted AlarmKind = "contradicted"     // evidence against a definite outcome
	AlarmForeign      AlarmKind = "foreign_movement" // a refund or cancel that was not made through iade
	AlarmRetried      AlarmKind = "refund_retried"   // iyzico says that it tried a refund again which it had not carried out
)

// Alarms compares two images of one account, the newer one last. A foreign entry of the first snapshot is history, not an
// alarm.
func Alarms(old, next Account) []Alarm {
	var alarms []Alarm
	for i := range next.Operations {
		op := &next.Operations[i]
		before := old.Operation(op.ID)
		if op.Status() == StatusNeedsReview && (before == nil || before.Status() != StatusNeedsReview) {
			alarms = append(alarms, Alarm{AlarmNeedsReview, next.PaymentID, op.ID})
		}
		if op.Alarmed && (before == nil || !before.Alarmed) {
			alarms = append(alarms, Alarm{AlarmContradicted, next.PaymentID, op.ID})
		}
	}
	if at := next.Hint.RetriedAt; !at.IsZero() && !at.Equal(old.Hint.RetriedAt) {
		alarms = append(alarms, Alarm{AlarmRetried, next.PaymentID, ""})
	}
	for _, f := range next.Foreign {
		known := slices.ContainsFunc(old.Foreign, func(o Foreign) bool { return o.key() == f.key() && o.counts() })
		if old.Version > 0 && f.counts() && !known {
			alarms = append(alarms, Alarm{AlarmForeign, next.PaymentID, f.OperationID})
		}
	}
	return alarms
}

// OnAlarm sets who is told of alarms, after the change that raises one was saved: at least once for each, save for a
// crash in between, after which the operation's status and the events still show it. It is set before first use.
func (s *Service) OnAlarm(tell func(context.Context, Alarm)) { s.tell = tell }

// OnChange sets who is told of every change of an account, after it was saved, with the image before and the new one, which
// are not to be changed. A crash in between loses the telling. It is set before first use.
func (s *Service) OnChange(tell func(ctx context.Context, old, next Account)) { s.changed = tell }

// announce tells of one saved change.
func (s *Service) announce(ctx context.Context, old, next Account) {
	if next.Version == old.Version {
		return
	}
	if s.changed != nil {
		s.changed(ctx, old, next)
	}
	if s.tell == nil {
		return
	}
	for _, alarm := range Alarms(old, next) {
		s.tell(ctx, alarm)
	}
}
