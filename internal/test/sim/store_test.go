package sim

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/iade/iade/internal/payment"
)

var (
	errThrottled  = errors.New("sim: throttled")
	errAnswerLost = errors.New("sim: the answer was lost, perhaps stored")
)

// storePort is one worker's way to the store: it pauses around every effect, and loses, delays and refuses.
type storePort struct{ k *worker }

// Load is: 0 the account; 1 refused; 2 refused, and so is everything for a while.
func (s storePort) Load(_ context.Context, id payment.AccountID) (payment.Account, error) {
	s.k.at = "before a load"
	s.k.pause()
	w := s.k.world
	if w.away() {
		s.k.log("load of %s: the store is still away", id)
		return payment.Account{}, errThrottled
	}
	switch w.fault(3, askLoad) {
	case 1:
		s.k.log("load of %s: unavailable", id)
		return payment.Account{}, errThrottled
	case 2:
		w.awayUntil = w.clock.now.Add(storeAway)
		s.k.log("load of %s: the store goes away for %s", id, storeAway)
		return payment.Account{}, errThrottled
	}
	account := w.memory.peek(id) // Decide changes nothing that it is given
	s.k.at = "after a load"
	s.k.settled()
	return account, nil
}

// storeAway is how long the store is away when it goes.
const storeAway = 40 * time.Second

// away tells whether the store answers nobody.
func (w *world) away() bool { return !w.calm && w.clock.now.Before(w.awayUntil) }

// Save is: 0 stored; 1 refused; 2 stored, the answer lost; 3 the answer lost and stored later, if the version still fits;
// 4 refused as a conflict that is none. A store's own write whose answer was lost but that it recognised is 0.
func (s storePort) Save(ctx context.Context, next payment.Account) error {
	what := "a save"
	switch {
	case s.k.answer != nil:
		what = "the save of an answer"
	case marks(&next):
		what = "the save of a mark"
	}
	s.k.at = "before " + what
	s.k.pause()
	s.k.at = "after " + what
	w := s.k.world
	if w.away() {
		s.k.log("save of version %d: the store is still away", next.Version)
		return errThrottled
	}
	if w.flaw == forgetsMark && marks(&next) || w.flaw == forgetsAnswers && settles(&next) {
		return nil
	}
	var err error
	switch w.fault(5, askSave) {
	case 0:
		old := w.memory.peek(next.ID)
		w.saver = s.k
		err = w.memory.Save(ctx, next)
		w.saver = nil
		if err != nil {
			s.k.log("save of version %d: %v", next.Version, err)
		} else {
			w.check.owes(s.k, &old, &next)
		}
		if w.flaw == ownsConflicts && errors.Is(err, payment.ErrConflict) {
			err = nil
		}
	case 1:
		s.k.log("save of version %d: throttled", next.Version)
		return errThrottled
	case 2:
		w.saver = s.k
		err = w.memory.Save(ctx, next)
		w.saver = nil
		if err == nil {
			s.k.log("save of version %d: stored, the answer is lost", next.Version)
			err = errAnswerLost
		}
	case 3:
		s.k.log("save of version %d: the answer is lost, still under way", next.Version)
		delay := []time.Duration{time.Second, 10 * time.Second, time.Minute}[w.choose(3, askLanding)]
		table := w.memory
		w.clock.later(w.clock.now.Add(delay), func() {
			if err := table.Save(ctx, next); err == nil {
				w.log("store", "a save that was given up for lost has landed")
			}
		})
		err = errAnswerLost
	case 4:
		s.k.log("save of version %d: conflict without a cause", next.Version)
		return payment.ErrConflict
	}
	s.k.settled()
	return err
}

// Open is: 0 as it is; 1 unavailable; 2 stale, it lists nothing; 3 stale, it lists everything.
func (s storePort) Open(ctx context.Context, dueBefore time.Time, cursor string, limit int) ([]payment.AccountID, string, error) {
	s.k.at = "before a look into the index"
	s.k.pause()
	w := s.k.world
	if w.away() {
		return nil, "", errThrottled
	}
	if w.flaw == emptyIndex {
		return nil, "", nil
	}
	switch w.fault(4, askOpen) {
	case 1:
		s.k.log("index: unavailable")
		return nil, "", errThrottled
	case 2:
		s.k.log("index: stale, lists nothing")
		return nil, "", nil
	case 3:
		s.k.log("index: stale, lists every account")
		ids := make([]payment.AccountID, 0, len(w.memory.accounts))
		for id := range w.memory.accounts {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return ids, "", nil
	}
	return w.memory.Open(ctx, dueBefore, cursor, limit)
}

func marks(a *payment.Account) bool {
	return slices.ContainsFunc(a.Operations, func(op payment.Operation) bool {
		return slices.ContainsFunc(op.Legs, func(l payment.Leg) bool { return l.State == payment.StateSending })
	})
}

func settles(a *payment.Account) bool {
	return slices.ContainsFunc(a.Operations, func(op payment.Operation) bool {
		return slices.ContainsFunc(op.Legs, func(l payment.Leg) bool { return l.State == payment.StateSucceeded })
	})
}
