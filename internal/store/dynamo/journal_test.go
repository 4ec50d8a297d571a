package dynamo_test

import (
	"testing"
	"time"

	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/journal"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/storetest"
)

func TestTheJournalKeepsTheContract(t *testing.T) {
	t.Parallel()
	client := dynamotest.Client(t, dynamotest.Endpoint(t))
	storetest.RunJournal(t, func(t *testing.T) journal.Store {
		return dynamo.NewJournal(client, dynamotest.JournalTable(t, client), 3650*24*time.Hour)
	})
}

func TestTheDaysKeepTheContract(t *testing.T) {
	t.Parallel()
	client := dynamotest.Client(t, dynamotest.Endpoint(t))
	storetest.RunDays(t, func(t *testing.T) dayclose.Store {
		return dynamo.NewJournal(client, dynamotest.JournalTable(t, client), 3650*24*time.Hour)
	})
}
