package safety

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/iade/iade/pkg/iyzico/iyzicotest"
)

// Score is what a service did to its callers' money. Scores add up.
type Score struct {
	// Refunds is how many were wanted, once each; Asked and Executed are their money, wanted and really moved.
	Refunds  int
	Asked    decimal.Decimal
	Executed decimal.Decimal
	// Twice is executed − asked over the refunds of which more was moved than asked for, and TwiceTimes how many
	// movements too many that were.
	Twice      decimal.Decimal
	TwiceTimes int
	// Lost is money that somebody was told is moved and was not.
	Lost decimal.Decimal
	// SaidDone and SaidNotDone count keys whose last definite word was wrong.
	SaidDone    int
	SaidNotDone int
	// Changed counts keys that gave different callers, or the same one later, different definite words.
	Changed int
	// PayAgain counts answers that told their caller to ask with a new key, or that nothing was moved and nothing is left to wait
	// for, while the money had moved or still moved later: whoever did as he was told paid twice.
	PayAgain int
	// Unknown counts refunds without a definite word when callers gave up; Refused those that were definitely not done with
	// every key.
	Unknown int
	Refused int
	// Settled is how long callers waited for a definite word, of the keys that got one.
	Settled []time.Duration
}

// Wrong is the number of wrong final answers.
func (s Score) Wrong() int { return s.SaidDone + s.SaidNotDone + s.Changed }

// Slowest is the longest wait for a definite word.
func (s Score) Slowest() time.Duration {
	if len(s.Settled) == 0 {
		return 0
	}
	return slices.Max(s.Settled)
}

func (s *Score) add(o Score) {
	s.Refunds += o.Refunds
	s.Asked, s.Executed = s.Asked.Add(o.Asked), s.Executed.Add(o.Executed)
	s.Twice, s.TwiceTimes = s.Twice.Add(o.Twice), s.TwiceTimes+o.TwiceTimes
	s.Lost = s.Lost.Add(o.Lost)
	s.SaidDone, s.SaidNotDone, s.Changed = s.SaidDone+o.SaidDone, s.SaidNotDone+o.SaidNotDone, s.Changed+o.Changed
	s.PayAgain += o.PayAgain
	s.Unknown, s.Refused = s.Unknown+o.Unknown, s.Refused+o.Refused
	s.Settled = append(s.Settled, o.Settled...)
}

// judge holds what callers were told against iyzico's book. Of a refund it counts movements by payment, line and amount;
// of a key by the id that the service gave it, which is what its conversation ids begin with.
func judge(stories []story, book *iyzicotest.Ledger) Score {
	var s Score
	for _, st := range stories {
		movements := movementsOf(book, st.refund)
		times := len(movements)
		s.Refunds++
		s.Asked = s.Asked.Add(st.amount)
		s.Executed = s.Executed.Add(st.amount.Mul(decimal.NewFromInt(int64(times))))
		if times > 1 {
			s.Twice = s.Twice.Add(st.amount.Mul(decimal.NewFromInt(int64(times - 1))))
			s.TwiceTimes += times - 1
		}
		last := nothingDefinite
		for _, k := range st.keys {
			last = s.judgeKey(k, movements)
		}
		switch {
		case last == nothingDefinite:
			s.Unknown++
		case last == notDone:
			s.Refused++
		case times == 0:
			s.Lost = s.Lost.Add(st.amount)
		}
	}
	return s
}

// judgeKey judges what was said of one key and gives the last word.
func (s *Score) judgeKey(k keyStory, movements []iyzicotest.Execution) word {
	last := k.told[len(k.told)-1]
	moved := slices.ContainsFunc(movements, func(x iyzicotest.Execution) bool {
		return last.id != "" && (x.ConversationID == last.id || strings.HasPrefix(x.ConversationID, last.id+"-"))
	})
	for _, t := range k.told {
		if t.word == notDone && moved {
			s.PayAgain++
		}
	}
	switch {
	case last.word == done && !moved:
		s.SaidDone++
	case last.word == notDone && moved:
		s.SaidNotDone++
	}
	definite := slices.DeleteFunc(slices.Clone(k.told), func(t told) bool { return t.word == nothingDefinite })
	if len(definite) > 0 {
		s.Settled = append(s.Settled, k.settled)
		if slices.ContainsFunc(definite, func(t told) bool { return t.word != definite[0].word }) {
			s.Changed++
		}
	}
	return last.word
}

func movementsOf(book *iyzicotest.Ledger, r refund) []iyzicotest.Execution {
	return slices.DeleteFunc(book.Executions(r.paymentID), func(x iyzicotest.Execution) bool {
		return x.Kind != iyzicotest.KindRefund || x.PaymentTransactionID != r.lineID || !x.Price.Equal(r.amount)
	})
}
