package eventbus

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/iade/iade/internal/payment"
)

// What PutEvents takes at once (EventBridge quotas): ten entries, and 256 KB in all, one entry included, of which some is left
// for what EventBridge counts beside the texts.
const (
	mostEntries    = 10
	mostEntryBytes = 240 << 10
	entryOverhead  = 100 // bytes of an entry besides its texts, generously
)

// callTime bounds one request to EventBridge, and callTries how often it is sent.
const (
	callTime  = 3 * time.Second
	callTries = 3
)

// eventPutter is what is needed of EventBridge.
type eventPutter interface {
	PutEvents(context.Context, *eventbridge.PutEventsInput, ...func(*eventbridge.Options)) (*eventbridge.PutEventsOutput, error)
}

func newEventPutter(cloud aws.Config) eventPutter {
	return eventbridge.NewFromConfig(cloud, func(o *eventbridge.Options) {
		o.HTTPClient = &http.Client{Timeout: callTime}
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts = callTries })
	})
}

// Put sends the events in calls of what EventBridge takes at once. EventBridge may take some entries of a call and not
// others, so one call holds events of one payment only if they are of one write: a later state never gets ahead.
func (b *eventBus) Put(ctx context.Context, all []payment.Published) (taken int, err error) {
	for taken < len(all) {
		entries, err := b.entries(all[taken:])
		if err != nil {
			return taken, err
		}
		out, err := b.client.PutEvents(ctx, &eventbridge.PutEventsInput{Entries: entries})
		if err != nil {
			return taken, fmt.Errorf("put %d events: %w", len(entries), err)
		}
		if out.FailedEntryCount > 0 || len(out.Entries) != len(entries) {
			first, err := firstFailed(out, len(entries))
			return taken + first, err
		}
		taken += len(entries)
	}
	return taken, nil
}

// fitting is the event's detail, shortened if EventBridge would not take the whole: it would never take it, and everything
// behind it would wait.
func fitting(p payment.Published) (string, error) {
	for {
		detail, err := p.DetailJSON()
		if err != nil || entryBytes(p, detail) <= mostEntryBytes {
			return detail, err
		}
		shorter, ok := p.Shortened()
		if !ok {
			return "", fmt.Errorf("the event of %s has %d bytes, %d are the most", p.Detail.ID, len(detail), mostEntryBytes)
		}
		p = shorter
	}
}

// entryBytes is what EventBridge counts of an entry.
func entryBytes(p payment.Published, detail string) int {
	return len(detail) + len(p.DetailType) + len(p.Source) + entryOverhead
}

// entries are the first of the events that go into one call: at least one.
func (b *eventBus) entries(all []payment.Published) ([]types.PutEventsRequestEntry, error) {
	var entries []types.PutEventsRequestEntry
	size := 0
	sequences := map[string]int64{}
	for i := range all {
		detail, err := fitting(all[i])
		if err != nil {
			return nil, err
		}
		account := all[i].Detail.Account()
		sequence, seen := sequences[account]
		size += entryBytes(all[i], detail)
		if len(entries) > 0 && (len(entries) == mostEntries || size > mostEntryBytes || seen && sequence != all[i].Detail.Sequence) {
			break
		}
		sequences[account] = all[i].Detail.Sequence
		entries = append(entries, types.PutEventsRequestEntry{
			EventBusName: aws.String(b.name), Source: aws.String(all[i].Source), DetailType: aws.String(all[i].DetailType),
			Detail: aws.String(detail), Time: aws.Time(all[i].Time),
		})
	}
	return entries, nil
}

// firstFailed finds the first entry that was not taken. An answer that counts failures and shows none, or has not an entry
// for each event, says of no event for sure that it was taken.
func firstFailed(out *eventbridge.PutEventsOutput, sent int) (int, error) {
	for i, entry := range out.Entries {
		if entry.ErrorCode != nil && i < sent {
			return i, fmt.Errorf("put events: %d were not taken, the first for %s: %s", out.FailedEntryCount, *entry.ErrorCode, aws.ToString(entry.ErrorMessage))
		}
	}
	return 0, fmt.Errorf("put events: %d were not taken, and the answer does not show which", out.FailedEntryCount)
}
