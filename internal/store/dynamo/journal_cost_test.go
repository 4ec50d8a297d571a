package dynamo_test

import (
	"context"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/test/dynamotest"
)

// TestARefundCostsTheJournalFourWritesAndTheirIndexes counts at the engine what docs/cost.md works out: two saves of a refund
// with a reference are two records and twice the operation.
func TestARefundCostsTheJournalFourWritesAndTheirIndexes(t *testing.T) {
	t.Parallel()
	puts, units := 0, 0.0
	count := middleware.InitializeMiddlewareFunc("count", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		put, isPut := in.Parameters.(*dynamodb.PutItemInput)
		if isPut {
			put.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal
		}
		out, metadata, err := next.HandleInitialize(ctx, in)
		if done, ok := out.Result.(*dynamodb.PutItemOutput); ok && done != nil && isPut {
			puts++
			if done.ConsumedCapacity != nil {
				units += *done.ConsumedCapacity.CapacityUnits
			}
		}
		return out, metadata, err
	})
	client := dynamotest.Client(t, dynamotest.Endpoint(t), func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(s *middleware.Stack) error { return s.Initialize.Add(count, middleware.Before) })
	})
	j := dynamo.NewJournal(client, dynamotest.JournalTable(t, client), time.Hour)
	at := time.Date(2031, time.March, 10, 9, 0, 0, 0, time.UTC)
	op := payment.Resource{
		ID: "rf_24233528_abcdefghijklmnop", Kind: payment.KindRefund, Status: payment.StatusProcessing, PaymentID: "24233528", Reference: "order-1", CreatedAt: at, UpdatedAt: at,
	}
	accepted := payment.Record{OperationID: op.ID, Kind: op.Kind, Sequence: 1, At: at, To: "processing", Actor: "iade:queue", Operation: op}
	done := accepted
	done.Sequence, done.From, done.To, done.Operation.Status = 2, "processing", "succeeded", payment.StatusSucceeded
	done.Movement = &payment.Movement{At: at, Amount: "125.50", Currency: "TRY"}
	for _, records := range [][]payment.Record{{accepted}, {done}} {
		if err := j.Append(t.Context(), records); err != nil {
			t.Fatal(err)
		}
	}
	// A record, the operation and its five indexes; a record and the index of what moved, the operation, out of one status
	// and into another.
	const wantPuts, wantUnits = 4, 7 + 5
	t.Logf("%v units", units)
	if puts != wantPuts || units != wantUnits {
		t.Errorf("%d puts of %v units, want %d of %d", puts, units, wantPuts, wantUnits)
	}
}
