package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/dayclose"
	"github.com/iade/iade/internal/ingress"
	"github.com/iade/iade/internal/payment"
)

// closeEvent is what the schedule sends, word for word as template.yaml says, and what a person may send with a day.
type closeEvent struct {
	Close bool        `json:"close"`
	Date  payment.Day `json:"date"`
}

// closeMargin is kept between the end of a closing and the moment at which Lambda kills the function.
const closeMargin = 20 * time.Second

// StartCloser makes the handler of the function that closes days. Events of closed days go to what publisher makes of the
// bus EVENT_BUS_NAME. A configuration that cannot work ends the process with one line.
func StartCloser(publisher func(cloud aws.Config, bus string) dayclose.Publisher) Handler {
	a := Start("close")
	handler, err := a.closer(publisher)
	if err != nil {
		a.Log.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	return handler
}

func (a *App) closer(publisher func(cloud aws.Config, bus string) dayclose.Publisher) (Handler, error) {
	switch {
	case a.Days == nil:
		return nil, errors.New("configuration: JOURNAL_TABLE_NAME is needed")
	case a.Settings.EventBusName == "":
		return nil, errors.New("configuration: EVENT_BUS_NAME is needed")
	}
	a.Days.Publisher = publisher(a.Cloud, a.Settings.EventBusName)
	serve := a.API.Lambda(nil)
	return a.Counted(func(ctx context.Context, event json.RawMessage) (any, error) {
		var tick closeEvent
		if ingress.Detect(event) != ingress.ShapeBare || json.Unmarshal(event, &tick) != nil || !tick.Close {
			return serve(ctx, event)
		}
		return a.closeDays(ctx, tick.Date)
	}), nil
}

// closedDays is what one invocation did, for its caller.
type closedDays struct {
	Days []closedDay `json:"days"`
}

type closedDay struct {
	Date            payment.Day     `json:"date"`
	Status          dayclose.Status `json:"status"`
	DifferenceCount int             `json:"differenceCount"`
	Reason          string          `json:"reason,omitempty"`
}

// closeDays closes what is due, or the day that was named. It fails if something stopped a day other than time, so that the
// function's error metric shows it; the next one goes on.
func (a *App) closeDays(ctx context.Context, date payment.Day) (any, error) {
	until := clock.Wall{}.Now().Add(ingress.DefaultHandlerTime)
	if deadline, ok := ctx.Deadline(); ok {
		until = deadline.Add(-closeMargin).Round(0)
	}
	var days []dayclose.Day
	var err error
	if date != "" {
		days = make([]dayclose.Day, 1)
		days[0], err = a.Days.Close(ctx, date, until)
	} else {
		days, err = a.Days.CloseDue(ctx, until)
	}
	if err != nil {
		return nil, fmt.Errorf("close days: %w", payment.WithCause(err))
	}
	done := closedDays{[]closedDay{}}
	for _, d := range days {
		done.Days = append(done.Days, closedDay{d.Date, d.Status, d.DifferenceCount, d.Reason})
	}
	return done, nil
}
