package dynamo_test

import (
	"testing"

	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/dynamotest"
	"github.com/iade/iade/internal/test/storetest"
)

func TestStoreKeepsTheContract(t *testing.T) {
	t.Parallel()
	client := dynamotest.Client(t, dynamotest.Endpoint(t))
	storetest.Run(t, func(t *testing.T) storetest.Store { return dynamo.New(client, dynamotest.Table(t, client)) })
}
