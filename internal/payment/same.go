package payment

import (
	"reflect"
	"slices"
	"time"
)

// same tells whether nothing of the operation differs from another image of it: amounts by value, times by the moment. Every change
// compares each operation of the account, so it is written out (TestNoFieldOfAnOperationIsLeftOutOfSame holds it to that).
func (o *Operation) same(other *Operation) bool {
	return o.ID == other.ID && o.Kind == other.Kind && o.Key == other.Key && o.Fingerprint == other.Fingerprint &&
		o.LineID == other.LineID && o.Destination == other.Destination && o.Allocation == other.Allocation && o.ChargedTo == other.ChargedTo &&
		o.Reason == other.Reason && o.Reference == other.Reference && o.ReturnURL == other.ReturnURL &&
		o.Attempts == other.Attempts && o.Restored == other.Restored && o.AcceptedIn == other.AcceptedIn && o.Alarmed == other.Alarmed &&
		o.CreatedAt.Equal(other.CreatedAt) && o.UpdatedAt.Equal(other.UpdatedAt) && o.SettledAt.Equal(other.SettledAt) && o.DeadlineAt.Equal(other.DeadlineAt) &&
		slices.EqualFunc(o.FollowUps, other.FollowUps, time.Time.Equal) && o.Amount.Equal(other.Amount) &&
		slices.EqualFunc(o.Legs, other.Legs, func(a, b Leg) bool { return a.same(&b) }) &&
		o.Page.same(&other.Page) && sameBehind(o.Fund, other.Fund) && sameBehind(o.Refusal, other.Refusal) && sameBehind(o.Resolution, other.Resolution)
}

func (l *Leg) same(other *Leg) bool {
	return l.API == other.API && l.LineID == other.LineID && l.State == other.State && l.Attempt == other.Attempt && l.Absences == other.Absences &&
		l.FromFinal == other.FromFinal && l.Seen == other.Seen && l.Proof == other.Proof && l.CountedOn == other.CountedOn &&
		l.SendBy.Equal(other.SendBy) && l.DueAt.Equal(other.DueAt) && l.AbsentAt.Equal(other.AbsentAt) && l.AbsentSystem.Equal(other.AbsentSystem) &&
		l.ReviewSince.Equal(other.ReviewSince) && l.Amount.Equal(other.Amount) && slices.Equal(l.ClaimedTx, other.ClaimedTx) &&
		slices.EqualFunc(l.Parts, other.Parts, func(a, b Part) bool { return a.LineID == b.LineID && a.Amount.Equal(b.Amount) }) &&
		sameBehind(l.Failure, other.Failure)
}

func (p *CustomerPage) same(other *CustomerPage) bool {
	return p.SealedURL == other.SealedURL && p.TokenHash == other.TokenHash && p.Locale == other.Locale && p.Since.Equal(other.Since) &&
		slices.Equal(p.Returned, other.Returned)
}

// sameBehind compares what is rarely there.
func sameBehind[T any](a, b *T) bool { return a == b || reflect.DeepEqual(a, b) }

// SameOperation tells whether the account's operation at a place is the one that another image of the account has there, unchanged.
func (a *Account) SameOperation(other *Account, place int) bool {
	return place < len(other.Operations) && a.Operations[place].same(&other.Operations[place])
}
