package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/iade/iade/internal/clock"
	"github.com/iade/iade/internal/metrics"
	"github.com/iade/iade/internal/payment"
)

const (
	// countEvery is between two looks at what is unfinished, each followed by a write of what was counted.
	countEvery = 5 * time.Second
	// maxMetricsBytes bounds the file: it begins afresh beyond that, because nobody else reads it.
	maxMetricsBytes = 16 << 20
)

// metricsLog is the file with the lines that the functions write to their log for CloudWatch.
type metricsLog struct {
	file *os.File
	size int64
}

func openMetricsLog(path string) (*metricsLog, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the metrics' file: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the metrics' file: %w", err), file.Close())
	}
	return &metricsLog{file, info.Size()}, nil
}

// Write appends whole lines. Only one goroutine writes.
func (l *metricsLog) Write(lines []byte) (int, error) {
	if l.size+int64(len(lines)) > maxMetricsBytes {
		if err := l.file.Truncate(0); err != nil {
			return 0, err
		}
		l.size = 0
	}
	n, err := l.file.Write(lines)
	l.size += int64(n)
	return n, err
}

// counter writes the metrics, as deployed each function does when it was invoked.
type counter struct {
	recorder *metrics.Recorder
	rounds   *metrics.Rounds
	log      *slog.Logger
}

// run writes every few seconds until ctx ends, and then what is left.
func (c *counter) run(ctx context.Context) {
	for clock.Sleep(ctx, countEvery) == nil {
		if err := c.rounds.Look(ctx, clock.Wall{}, time.Now().Add(countEvery)); err != nil && ctx.Err() == nil {
			c.log.Warn("what is unfinished could not be counted", "error", payment.WithCause(err).Error())
		}
		c.recorder.Flush("")
	}
	c.recorder.Flush("")
}
