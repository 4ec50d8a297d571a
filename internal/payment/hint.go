package payment

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"
)

const (
	// mostHintPause is the longest pause between two reads of one payment that notices bring about.
	mostHintPause = 15 * time.Minute
	// mostHintCodes is how many notices an account knows again, and hintCodesKept how long it does: iyzico repeats a notice for a
	// day at most.
	mostHintCodes = 8
	hintCodesKept = 48 * time.Hour
)

// Hint is what an account keeps of iyzico's notices about its payment. A notice says when to read, and never what happened.
type Hint struct {
	DueAt     time.Time `json:"du,omitzero"` // when the report is read because of a notice; zero = none waits
	NextAt    time.Time `json:"n,omitzero"`  // the next notice has the report read at this time or later
	RetriedAt time.Time `json:"r,omitzero"`  // when iyzico said, last, that it tried a refund again
	Codes     []string  `json:"c,omitempty"` // HashCode of the notices taken last, oldest first
}

// IsZero tells that no notice was ever taken.
func (h Hint) IsZero() bool {
	return h.DueAt.IsZero() && h.NextAt.IsZero() && h.RetriedAt.IsZero() && len(h.Codes) == 0
}

// Notice is what iyzico told unasked, and signed.
type Notice struct {
	PaymentID      string // empty = the notice names none
	ConversationID string // the payment's, which names a fund payment of ours if we made it
	Code           string // HashCode of the notice's own code, by which a repetition is known; empty = it has none
	Retried        bool   // iyzico tried a refund again by itself
}

// Hinted is a notice about the account's payment.
type Hinted struct {
	Code    string
	Retried bool
}

func (Hinted) event() {}

// HashCode is the only form in which a notice's code is kept.
func HashCode(code string) string {
	sum := sha256.Sum256([]byte("iade notice code\x00" + code))
	return base64.RawURLEncoding.EncodeToString(sum[:8])
}

// LimitHints sets who is asked before a notice makes an account due: false = not now. It bounds what all notices together can
// have iyzico asked. Without it no notice does anything. It is set before first use.
func (s *Service) LimitHints(take func(context.Context) (bool, error)) { s.takeHint = take }

// Hint makes the payment that a notice is about due soon, if something about it is waited for, and tells whether it did. It
// calls nobody: the reconciler reads. A payment that iade does not know costs one read of the store. A fund payment of ours is
// known by the conversation id, too. CodeUnavailable: the store cannot be reached.
func (s *Service) Hint(ctx context.Context, n Notice) (taken bool, err error) {
	for _, id := range n.accounts() {
		account, err := s.load(ctx, id)
		if err != nil {
			return taken, err
		}
		event := Hinted{Code: n.Code, Retried: n.Retried}
		next, _, _ := s.rules.Decide(account, event, s.clock.Now())
		if account.Version == 0 || next.Version == account.Version || s.takeHint == nil {
			continue
		}
		ok, err := s.takeHint(ctx)
		if err != nil {
			return taken, unavailable("count a notice", err)
		}
		if !ok {
			return taken, nil
		}
		if _, err := s.Apply(ctx, id, event); err != nil {
			return taken, err
		}
		taken = true
	}
	return taken, nil
}

// accounts are those that the notice may be about.
func (n Notice) accounts() []AccountID {
	var ids []AccountID
	if n.PaymentID != "" {
		ids = append(ids, PaymentAccount(n.PaymentID))
	}
	if operationID, ours := OperationOfAttempt(n.ConversationID); ours {
		if id, ok := AccountOf(operationID); ok && id.isFund() {
			ids = append(ids, id)
		}
	}
	return ids
}

// hinted takes a notice. It changes when the report is read, and nothing else: a thousand notices bring one read at once, and
// then one each hintPause. A notice that was taken before, or that comes while another waits, changes nothing.
func (r Rules) hinted(a *Account, e Hinted, now time.Time) {
	h := &a.Hint
	if e.Code != "" && slices.Contains(h.Codes, e.Code) {
		return
	}
	again := e.Retried && (h.RetriedAt.IsZero() || now.Sub(h.RetriedAt) >= followUpLast) && a.watchAgain(now)
	if again {
		h.RetriedAt = now
	} else if !h.DueAt.IsZero() || !a.watched() {
		return
	}
	if now.Sub(h.NextAt) > hintCodesKept {
		h.Codes = nil
	}
	if e.Code != "" {
		h.Codes = append(h.Codes, e.Code)
		h.Codes = h.Codes[max(0, len(h.Codes)-mostHintCodes):]
	}
	if h.DueAt.IsZero() {
		h.DueAt = now
		if now.Before(h.NextAt) {
			h.DueAt = h.NextAt
		}
		h.NextAt = h.DueAt.Add(r.hintPause())
	}
}

// hintPause is the least time between two reads of one payment that notices bring about.
func (r Rules) hintPause() time.Duration {
	return max(min(mostHintPause, r.SettleWindow/4), time.Second)
}

// watched tells whether a report of iyzico's is waited for.
func (a *Account) watched() bool {
	for i := range a.Operations {
		op := &a.Operations[i]
		if len(op.FollowUps) > 0 || slices.ContainsFunc(op.Legs, func(l Leg) bool { return l.watched() }) {
			return true
		}
	}
	return false
}

func (l *Leg) watched() bool {
	switch l.State {
	case StateUnknown, StateNeedsReview, StateInReview, StateAwaitingCustomer, StateAwaitingMerchant:
		return true
	case StateSucceeded:
		return l.unplaced()
	case StateReserved, StateSending, StateNotSent, StateRejected, StateNotExecuted, StateExpired:
	}
	return false
}

// watchAgain brings every refund and cancel that iyzico did not carry out, though it may have got the request, back under
// watch: the next send reads the report first, and reconcile looks again as after a new "no". It tells whether there is one. Of
// those that left the account for the journal the payment is read once.
func (a *Account) watchAgain(now time.Time) bool {
	found := slices.ContainsFunc(a.Past, func(p Past) bool { return p.Attempts > len(p.Moved) })
	for i := range a.Operations {
		op := &a.Operations[i]
		if !slices.ContainsFunc(op.Legs, func(l Leg) bool { return l.saidNo() }) {
			continue
		}
		found = true
		first := now.Add(followUpFirst)
		if len(op.FollowUps) > 0 && op.FollowUps[0].Before(first) {
			first = op.FollowUps[0]
		}
		op.FollowUps = []time.Time{first, now.Add(followUpSecond), now.Add(followUpLast)}
	}
	a.Suspect = a.Suspect || found
	return found
}

// saidNo tells whether the leg ended without moving money after an attempt of which iyzico may know.
func (l *Leg) saidNo() bool {
	ended := l.State == StateRejected || l.State == StateNotExecuted || l.State == StateExpired
	return l.API != APIFund && l.Attempt > 0 && (ended || l.State == StateNotSent && l.turnedAway())
}

// due tells whether a notice has the report read now.
func (h *Hint) due(now time.Time) bool { return !h.DueAt.IsZero() && !h.DueAt.After(now) }

// onlyHinted tells whether a report is read now because of a notice and of nothing else. Such a read takes no call from
// settling, and what it does not bring is no failed read.
func (a *Account) onlyHinted(now time.Time) bool {
	return a.Hint.due(now) && !a.ReadDueAt.After(now) && !a.awaitsSettling(now)
}

// hintRead ends the wait of a notice with a report that was read after it.
func (a *Account) hintRead(readAt time.Time) {
	if a.Hint.due(readAt) {
		a.Hint.DueAt = zeroTime
	}
}

// uncounted takes back what a read that only a notice asked for has counted: neither towards absence nor as a failed one. So
// notices change when something is seen, and never when silence ends anything.
func (a *Account) uncounted(before *Account) {
	if !a.ReadDueAt.IsZero() {
		a.FailedReads, a.ReadDueAt = before.FailedReads, before.ReadDueAt
	}
	for i := range a.Operations {
		op := &a.Operations[i]
		was := before.Operation(op.ID)
		for j := 0; was != nil && j < min(len(op.Legs), len(was.Legs)); j++ {
			leg, old := &op.Legs[j], &was.Legs[j]
			if leg.State == StateUnknown && old.State == StateUnknown && leg.Absences >= old.Absences {
				leg.Absences, leg.AbsentAt, leg.AbsentSystem, leg.DueAt = old.Absences, old.AbsentAt, old.AbsentSystem, old.DueAt
			}
		}
	}
}

// hintUnread ends the wait of a notice for which a read brought nothing, or for which no call was left all the pause long.
func (r Rules) hintUnread(a *Account, unreadable bool, now time.Time) {
	if a.Hint.due(now) && (unreadable || now.Sub(a.Hint.DueAt) >= r.hintPause()) {
		a.Hint.DueAt = zeroTime
	}
}
