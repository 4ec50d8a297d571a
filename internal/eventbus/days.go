package eventbus

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/iade/iade/internal/dayclose"
)

// dayEvents puts the events of closed days onto a bus.
type dayEvents struct {
	client eventPutter
	name   string
}

// DayEvents gives what publishes closed days on the bus of that name. It connects to nothing yet.
func DayEvents(cloud aws.Config, bus string) dayclose.Publisher {
	return &dayEvents{newEventPutter(cloud), bus}
}

// PublishDay implements dayclose.Publisher.
func (d *dayEvents) PublishDay(ctx context.Context, e dayclose.Event) error {
	detail, err := json.Marshal(e.Detail)
	if err != nil {
		return fmt.Errorf("write the event of %s: %w", e.Detail.Date, err)
	}
	out, err := d.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		EventBusName: aws.String(d.name), Source: aws.String(e.Source), DetailType: aws.String(e.DetailType),
		Detail: aws.String(string(detail)), Time: aws.Time(e.Time),
	}}})
	if err != nil {
		return fmt.Errorf("put the event of %s: %w", e.Detail.Date, err)
	}
	if out.FailedEntryCount > 0 || len(out.Entries) != 1 {
		_, err := firstFailed(out, 1)
		return err
	}
	return nil
}
