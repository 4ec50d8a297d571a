package bolt_test

import (
	"testing"
	"time"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/test/storetest"
)

func TestTheJournalKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.RunJournal(t, func(t *testing.T) journal.Store { return open(t, newPath(t)) })
}

// TestASaveIsInTheJournalOrIsNone: account and journal are one transaction, so a save that is refused leaves no record.
func TestASaveIsInTheJournalOrIsNone(t *testing.T) {
	t.Parallel()
	s := open(t, newPath(t))
	a := storetest.Due("PAYMENT#25180188", time.Now())
	save(t, s, a)
	if err := s.Save(t.Context(), a); err == nil {
		t.Fatal("the same version was saved twice")
	}
	changes, err := journal.New(s, time.Now).History(t.Context(), a.Operations[0].ID)
	if err != nil || len(changes) != 1 || changes[0].To != string(payment.StatusUnknown) || changes[0].Sequence != 1 {
		t.Errorf("%+v, %v", changes, err)
	}
}

func TestTheDaysKeepTheContract(t *testing.T) {
	t.Parallel()
	storetest.RunDays(t, func(t *testing.T) dayclose.Store { return open(t, newPath(t)) })
}
