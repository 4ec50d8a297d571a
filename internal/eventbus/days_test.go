package eventbus

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/iade/iade/internal/dayclose"
)

// putter answers each call with what stands in it.
type putter struct {
	out *eventbridge.PutEventsOutput
	err error
	got []types.PutEventsRequestEntry
}

func (p *putter) PutEvents(_ context.Context, in *eventbridge.PutEventsInput, _ ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error) {
	p.got = append(p.got, in.Entries...)
	return p.out, p.err
}

// TestADayIsPublishedOnceTheBusHasSaidSo: whatever else it says is an error, and the day is published again.
func TestADayIsPublishedOnceTheBusHasSaidSo(t *testing.T) {
	t.Parallel()
	at := time.Date(2031, time.March, 11, 1, 0, 0, 0, time.UTC)
	event := dayclose.EventOf(dayclose.Day{Date: "2031-03-10", Status: dayclose.StatusClosed, ClosedAt: at})
	taken := &eventbridge.PutEventsOutput{Entries: []types.PutEventsResultEntry{{EventId: aws.String("1")}}}
	bus := &putter{out: taken}
	if err := (&dayEvents{bus, "iade"}).PublishDay(t.Context(), event); err != nil || len(bus.got) != 1 {
		t.Fatalf("%v, %d entries", err, len(bus.got))
	}
	e := bus.got[0]
	if *e.EventBusName != "iade" || *e.Source != "iade" || *e.DetailType != "day.closed" || !e.Time.Equal(at) || !strings.Contains(*e.Detail, `"date":"2031-03-10"`) {
		t.Errorf("%+v", e)
	}
	refused := &eventbridge.PutEventsOutput{FailedEntryCount: 1, Entries: []types.PutEventsResultEntry{{ErrorCode: aws.String("ThrottlingException")}}}
	for name, bus := range map[string]*putter{
		"an error": {err: errors.New("away")}, "a refusal": {out: refused}, "an empty answer": {out: &eventbridge.PutEventsOutput{}},
	} {
		if err := (&dayEvents{bus, "iade"}).PublishDay(t.Context(), event); err == nil {
			t.Errorf("%s counts as published", name)
		}
	}
}
