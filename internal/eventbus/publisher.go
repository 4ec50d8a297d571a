// Package eventbus is the publish function: what changed in the table goes into the journal and becomes events on the bus. It
// stands beside the other functions' composition, so that these do not pay for EventBridge's client when they start.
package eventbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"

	"github.com/iade/iade/internal/app"
	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/config"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
	"github.com/iade/iade/internal/store/dynamo"
	"github.com/iade/iade/internal/version"
)

// publisher appends the changes in the table's stream to the journal and turns them into events on the bus: the outbox (I8).
type publisher struct {
	bus     bus
	journal recorder // nil = no journal is kept
	log     *slog.Logger
	metrics *metrics.Recorder
}

// recorder keeps records, each once however often it is given; after an error some are perhaps kept.
type recorder interface {
	Append(ctx context.Context, records []payment.Record) error
}

// margin is kept between the last record that is begun and the moment at which Lambda kills the function.
const margin = 8 * time.Second

// bus takes events.
type bus interface {
	// Put hands over events in their order, and says how many of them, from the first on, were taken for sure. An error says
	// why the next one was not; those after it were perhaps taken.
	Put(ctx context.Context, all []payment.Published) (taken int, err error)
}

// Start makes the handler of the publish function. A configuration that cannot work ends the process with one line.
func Start() func(context.Context, json.RawMessage) (events.DynamoDBEventResponse, error) {
	var level slog.LevelVar
	log := app.StartLog(&level)
	p, settings, err := newPublisher(context.Background(), os.Getenv, log)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	level.Set(settings.LogLevel)
	log.Info("the function starts", "function", "publish", "version", version.String())
	return p.handle
}

func newPublisher(ctx context.Context, getenv func(string) string, log *slog.Logger) (*publisher, config.Settings, error) {
	settings, err := config.Load(getenv, nil)
	if err != nil {
		return nil, config.Settings{}, err
	}
	if settings.EventBusName == "" {
		return nil, config.Settings{}, errors.New("configuration: EVENT_BUS_NAME is needed")
	}
	cloud, err := awsconfig.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, config.Settings{}, fmt.Errorf("load the AWS configuration: %w", err)
	}
	p := &publisher{bus: newEventBus(cloud, settings.EventBusName), log: log}
	p.metrics = metrics.New(settings.MetricsNamespace, "publish", os.Stdout, clock.Wall{}.Now)
	if settings.JournalTableName != "" {
		client := dynamo.NewClient(cloud.Region, settings.DynamoDBEndpoint, cloud.Credentials)
		p.journal = dynamo.NewJournal(client, settings.JournalTableName, settings.JournalKept)
	} else {
		log.WarnContext(ctx, "no journal is kept: JOURNAL_TABLE_NAME is not set")
	}
	return p, settings, nil
}

// handle publishes the records of one shard, in their order, each after the journal holds it. It stops at the first record
// that the journal did not take, or whose events were not all taken, and names it: Lambda gives it again, and everything after
// it, so that no later state of a payment is published before an earlier one. A record that cannot be read is such a record: it is tried until the stream's settings send it to the queue
// of failures.
func (p *publisher) handle(ctx context.Context, data json.RawMessage) (events.DynamoDBEventResponse, error) {
	var event events.DynamoDBEvent
	if err := json.Unmarshal(data, &event); err != nil {
		return events.DynamoDBEventResponse{}, fmt.Errorf("read the stream's records: %w", err)
	}
	strange := func(r events.DynamoDBEventRecord) bool { return r.EventSource != "aws:dynamodb" }
	if len(event.Records) == 0 || slices.ContainsFunc(event.Records, strange) {
		return events.DynamoDBEventResponse{}, ingress.ErrUnsupportedEvent
	}
	return p.publish(ctx, event)
}

func (p *publisher) publish(ctx context.Context, event events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	var all []payment.Published
	var from []int // the record of each event
	stopped := len(event.Records)
	for i := range event.Records {
		if deadline, ok := ctx.Deadline(); ok && i > 0 && time.Until(deadline) < margin {
			stopped = i
			break
		}
		changes, err := p.record(ctx, event.Records[i].Change)
		if err != nil {
			p.log.ErrorContext(ctx, "a record of the stream cannot be published", "sequenceNumber", event.Records[i].Change.SequenceNumber, "error", err.Error())
			stopped = i
			break
		}
		for _, c := range changes {
			all, from = append(all, c.Published()), append(from, i)
		}
	}
	taken, err := p.bus.Put(ctx, all)
	if taken > 0 {
		p.metrics.Add(metrics.EventsPublished, int64(taken))
		p.metrics.Flush(app.InvocationID(ctx))
	}
	if err != nil {
		stopped = from[taken]
		p.log.ErrorContext(ctx, "events were not published", "published", taken, "left", len(all)-taken, "error", err.Error())
	}
	if stopped == len(event.Records) {
		return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}, nil
	}
	failed := events.DynamoDBBatchItemFailure{ItemIdentifier: event.Records[stopped].Change.SequenceNumber}
	return events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{failed}}, nil
}

// record brings a record of the stream into the journal, and gives the events that it makes.
func (p *publisher) record(ctx context.Context, r events.DynamoDBStreamRecord) ([]payment.Change, error) {
	old, next, ok, err := dynamo.Images(dynamo.StreamImage(r.OldImage), dynamo.StreamImage(r.NewImage))
	if err != nil || !ok {
		return nil, err
	}
	if p.journal != nil {
		if err := p.journal.Append(ctx, payment.Records(old, next)); err != nil {
			return nil, err
		}
	}
	return payment.Changes(old, next), nil
}

// eventBus is bus on EventBridge.
type eventBus struct {
	client eventPutter
	name   string
}

func newEventBus(cloud aws.Config, name string) *eventBus {
	return &eventBus{newEventPutter(cloud), name}
}
