package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// operation is what the shop needs of an event's detail.
type operation struct {
	ID, Status, Reference, RefundedAmount string
	Sequence                              int64
}

// consume takes iade's events from SQS, each change once. The batch has the shape in which AWS Lambda gets messages; the answer
// names those that should come again. Stored, in events/ID, after the shop has acted: the last sequence of each operation.
// Events come at least once, and through SQS in any order: what is not newer than the stored sequence is a repeat, or older news.
func consume(batch io.Reader) (int, error) {
	folder := cmp.Or(os.Getenv("STATE"), "events")
	var messages events.SQSEvent
	if err := errors.Join(os.MkdirAll(folder, 0o700), json.NewDecoder(batch).Decode(&messages)); err != nil {
		return 1, err
	}
	answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, message := range messages.Records {
		if err := consumeOne(folder, message.Body); err != nil {
			fmt.Fprintln(os.Stderr, "comes again:", err)
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: message.MessageId})
		}
	}
	return 0, json.NewEncoder(os.Stdout).Encode(answer)
}

// consumeOne deals with one event of iade; others are none of ours. The shop may act twice for one change, if the process ends
// right after it.
func consumeOne(folder, body string) error {
	var event events.EventBridgeEvent
	var changed operation
	if err := json.Unmarshal([]byte(body), &event); err != nil || event.Source != "iade" || strings.HasPrefix(event.DetailType, "day.") {
		return err
	}
	if err := json.Unmarshal(event.Detail, &changed); err != nil || changed.ID == "" || changed.Sequence == 0 {
		return errors.Join(errors.New("not an operation"), err)
	}
	path := filepath.Join(folder, changed.ID)
	last, err := os.ReadFile(path)
	if seen, _ := strconv.ParseInt(string(last), 10, 64); err == nil && seen >= changed.Sequence {
		return nil
	}
	fmt.Println(cmp.Or(changed.Reference, "-"), changed.ID, changed.Status, changed.RefundedAmount) // here the shop does its part
	return store(path, []byte(strconv.FormatInt(changed.Sequence, 10)))
}
