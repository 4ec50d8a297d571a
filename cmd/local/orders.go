package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

const (
	// lookForOrders is between two looks into the folder.
	lookForOrders = 250 * time.Millisecond
	// orderWritten is how long a file that is not JSON may still be one that somebody is writing.
	orderWritten = 2 * time.Second
	// maxOrderBytes and maxOrderEvents bound one file.
	maxOrderBytes  = 1 << 20
	maxOrderEvents = 1000
)

// orders is what the order systems' queue is deployed: a folder of files, each an EventBridge event or a list of them. A
// file is done when each of its events was carried out and recorded; then it goes to done/, or to failed/ with the reason
// beside it. Until then it stays, so an order survives whatever happens to the process, and the same keys keep what it
// repeats from moving money again.
type orders struct {
	folder string
	api    *ingress.API
	log    *slog.Logger
	arrive chan struct{} // gets a value when a file was put in

	waits map[string]orderWait // by file name; forgotten by a restart, which asks at once
}

// orderWait is when a file is tried again.
type orderWait struct {
	until    time.Time
	receives int
	since    time.Time // of the first try
}

func newOrders(folder string, api *ingress.API, log *slog.Logger) (*orders, error) {
	for _, name := range []string{doneOrders, failedOrders} {
		if err := os.MkdirAll(filepath.Join(folder, name), 0o700); err != nil {
			return nil, fmt.Errorf("create the orders' folder: %w", err)
		}
	}
	return &orders{folder: folder, api: api, log: log, arrive: make(chan struct{}, 1), waits: map[string]orderWait{}}, nil
}

const (
	doneOrders   = "done"
	failedOrders = "failed"
	reasonSuffix = ".reason.txt"
)

// run carries out what is in the folder until ctx ends. An error that stays the same is told once.
func (o *orders) run(ctx context.Context) {
	told := ""
	for ctx.Err() == nil {
		problem := ""
		if err := o.pass(ctx); err != nil {
			if problem = err.Error(); problem != told {
				o.log.Error("orders could not be read", "error", problem)
			}
		}
		told = problem
		timer := time.NewTimer(lookForOrders)
		select {
		case <-ctx.Done():
		case <-o.arrive:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// pass tries every file that is not waiting, in the order of their names.
func (o *orders) pass(ctx context.Context) error {
	entries, err := os.ReadDir(o.folder)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if ctx.Err() != nil {
			break
		}
		name := e.Name()
		if !e.Type().IsRegular() || filepath.Ext(name) != ".json" || strings.HasPrefix(name, ".") || time.Now().Before(o.waits[name].until) {
			continue
		}
		errs = append(errs, o.try(ctx, name))
	}
	return errors.Join(errs...)
}

// try carries out one file.
func (o *orders) try(ctx context.Context, name string) error {
	data, written, err := readOrder(filepath.Join(o.folder, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // taken away meanwhile
	}
	if err != nil {
		return err
	}
	events, fault := orderEvents(data)
	if fault != "" {
		if !json.Valid(data) && time.Since(written) < orderWritten {
			return nil
		}
		return o.finish(name, []string{fault})
	}
	wait := o.waits[name]
	if wait.receives++; wait.since.IsZero() {
		wait.since = time.Now()
	}
	var again time.Duration
	var reasons []string
	for i, event := range events {
		id := fmt.Sprintf("%s#%d", name, i+1)
		v := o.carryOut(ctx, id, event, wait)
		switch v.Fate {
		case ingress.Acknowledge:
		case ingress.Back:
			o.log.Info("an order waits", "order", id, "reason", string(v.Reason), "seconds", int(v.After.Seconds()))
			again = max(again, v.After)
		case ingress.Park:
			reasons = append(reasons, fmt.Sprintf("event %d: %s: %s", i+1, v.Reason, v.Detail))
		}
	}
	if again > 0 {
		wait.until = time.Now().Add(again)
		o.waits[name] = wait
		return nil
	}
	return o.finish(name, reasons)
}

// carryOut gives one event to the function that deployed would get it from its queue.
func (o *orders) carryOut(ctx context.Context, id string, event json.RawMessage, wait orderWait) ingress.Handling {
	kind, ok := orderKind(event)
	if !ok {
		return ingress.Handling{Fate: ingress.Park, Reason: "unknown-event", Detail: orderRule}
	}
	message := ingress.Message{ID: id, Body: event, Receives: wait.receives, Since: wait.since}
	return o.api.Message(ctx, kind, message, time.Now().Add(ingress.DefaultHandlerTime).Round(0))
}

// finish moves a file out of the way: to done, or to failed with the reasons beside it. It is told in the log, and a
// reason is written before the file moves, so that none is without.
func (o *orders) finish(name string, reasons []string) error {
	folder := doneOrders
	if len(reasons) > 0 {
		folder = failedOrders
	}
	target, err := o.free(folder, name)
	if err != nil {
		return err
	}
	if len(reasons) > 0 {
		if err := os.WriteFile(target+reasonSuffix, []byte(strings.Join(reasons, "\n")+"\n"), 0o600); err != nil {
			return fmt.Errorf("write the reason: %w", err)
		}
	}
	if err := os.Rename(filepath.Join(o.folder, name), target); err != nil {
		return fmt.Errorf("put an order away: %w", err)
	}
	delete(o.waits, name)
	if len(reasons) > 0 {
		o.log.Error("an order failed", "order", name, "reasons", filepath.Join(folder, filepath.Base(target)+reasonSuffix))
		return nil
	}
	o.log.Info("an order is done", "order", name)
	return nil
}

// free finds a name that is not taken: an order that has the name of an older one must not replace it.
func (o *orders) free(folder, name string) (string, error) {
	for n := 1; ; n++ {
		target := filepath.Join(o.folder, folder, name)
		if n > 1 {
			target = fmt.Sprintf("%s.%d", target, n)
		}
		_, err := os.Lstat(target)
		if errors.Is(err, fs.ErrNotExist) {
			return target, nil
		}
		if err != nil {
			return "", fmt.Errorf("put an order away: %w", err)
		}
	}
}

// readOrder reads one byte more than a file may have, and says when the file was last written.
func readOrder(path string) (data []byte, written time.Time, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, time.Time{}, err
	}
	info, err := file.Stat()
	if err == nil {
		written = info.ModTime()
		data, err = io.ReadAll(io.LimitReader(file, maxOrderBytes+1))
	}
	return data, written, errors.Join(err, file.Close())
}

// orderRule says which events are orders.
const orderRule = "an order is an event with the detail-type refund.requested, cancel.requested or reversal.requested, of another source than " + payment.EventSource

// orderQueues are the queues, by their kind, that take each kind of order.
var orderQueues = map[string]payment.Kind{
	"refund.requested": payment.KindRefund, "cancel.requested": payment.KindCancel, "reversal.requested": payment.KindCancel,
}

// orderKind is the kind of the queue that takes an event; false if it is no order.
func orderKind(event json.RawMessage) (payment.Kind, bool) {
	var e struct {
		Source     string `json:"source"`
		DetailType string `json:"detail-type"`
	}
	if json.Unmarshal(event, &e) != nil || e.Source == payment.EventSource {
		return "", false
	}
	kind, ok := orderQueues[e.DetailType]
	return kind, ok
}

// orderEvents takes a file apart: one event, or a list of them. fault says why it is neither.
func orderEvents(data []byte) (events []json.RawMessage, fault string) {
	const rule = "must be one event or a list of at most 1000, in JSON"
	if len(data) > maxOrderBytes {
		return nil, fmt.Sprintf("is larger than %d bytes", maxOrderBytes)
	}
	var one map[string]json.RawMessage
	if json.Unmarshal(data, &one) == nil && one != nil {
		return []json.RawMessage{data}, ""
	}
	if json.Unmarshal(data, &events) != nil || len(events) == 0 || len(events) > maxOrderEvents {
		return nil, rule
	}
	return events, ""
}
