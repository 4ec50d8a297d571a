package payment

import (
	"fmt"
	"slices"
)

// understood tells whether this program knows every word of a stored account. One that a newer program wrote may hold words
// whose meaning decides about money: it is refused as a whole.
func (s *storedAccount) understood() error {
	if s.Currency != "" && !s.Currency.Valid() {
		return unknownWord("currency", s.Currency)
	}
	for i := range s.Past {
		p := &s.Past[i]
		if !p.Kind.Known() || !p.Kind.spec().folds {
			return unknownWord("kind", p.Kind)
		}
		if !slices.Contains(pastStatuses, p.Status) {
			return unknownWord("status", p.Status)
		}
	}
	for i := range s.Operations {
		if err := s.Operations[i].understood(); err != nil {
			return fmt.Errorf("operation %s: %w", s.Operations[i].ID, err)
		}
	}
	return nil
}

// pastStatuses are the statuses in which an operation may leave the account.
var pastStatuses = []Status{StatusSucceeded, StatusPartiallySucceeded, StatusRejected, StatusNotExecuted}

func (s *storedOperation) understood() error {
	switch {
	case !s.Kind.Known():
		return unknownWord("kind", s.Kind)
	case !slices.Contains([]Destination{"", ToCard, ToBalance}, s.Destination):
		return unknownWord("destination", s.Destination)
	case !slices.Contains([]Allocation{AllocateNone, AllocateProportional, AllocateInOrder, AllocateByIyzico}, s.Allocation):
		return unknownWord("allocation", s.Allocation)
	case s.Refusal != nil && !recorded(s.Refusal.Code):
		return unknownWord("refusal", s.Refusal.Code)
	case s.Resolution != nil && s.Resolution.Decision != DecideSucceeded && s.Resolution.Decision != DecideNotExecuted:
		return unknownWord("decision", s.Resolution.Decision)
	}
	for i := range s.Legs {
		leg := &s.Legs[i]
		if !slices.Contains(s.Kind.spec().apis, leg.API) {
			return unknownWord("call of a "+string(s.Kind), leg.API)
		}
		if !slices.Contains(States(), leg.State) {
			return unknownWord("state", leg.State)
		}
	}
	return nil
}

func unknownWord[T ~string](what string, word T) error {
	return fmt.Errorf("this program does not know the %s %q", what, string(word))
}
