package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"strconv"
	"strings"
)

// soakVariable makes this test program the system under soak, in the folder that it names. That system is what start
// puts together and nothing else, in a process of its own, so its memory and goroutines are not mixed with its callers'.
const soakVariable = "IADE_SOAK_DATA"

// sample is what a process knows about itself. The heap is what is alive after a collection.
type sample struct {
	Goroutines  int
	HeapBytes   uint64
	HeapObjects uint64
	// AnonBytes are the resident pages that are no file's: the store's file is mapped, and grows with what is kept.
	AnonBytes uint64
	Threads   int
	Files     int
}

// soakSystem serves until its input ends. It says first where it is, then a sample for each line that it reads.
func soakSystem(folder string) int {
	if err := serveSoak(folder); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serveSoak(folder string) error {
	s, err := loadSettings(os.Getenv)
	if err != nil {
		return err
	}
	y, err := start(context.Background(), onPort0(folder), s, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: s.LogLevel})))
	if err != nil {
		return err
	}
	fmt.Println(y.URL)
	out := json.NewEncoder(os.Stdout)
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		now, err := sampleSelf()
		if err == nil {
			err = out.Encode(now)
		}
		if err != nil {
			return errors.Join(err, y.Close())
		}
	}
	return y.Close()
}

func sampleSelf() (sample, error) {
	runtime.GC()
	runtime.GC() // the second one frees what finalizers and pools kept over the first
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return sample{}, err
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return sample{}, err
	}
	return sample{
		Goroutines: runtime.NumGoroutine(), HeapBytes: memory.HeapAlloc, HeapObjects: memory.HeapObjects,
		AnonBytes: uint64(procNumber(string(status), "RssAnon")) << 10, Threads: procNumber(string(status), "Threads"), Files: len(files),
	}, nil
}

// procNumber is the number that /proc/self/status gives for a name, 0 if it is not there.
func procNumber(status, name string) int {
	_, rest, _ := strings.Cut(status, "\n"+name+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.Atoi(fields[0])
	if err != nil {
		return 0
	}
	return n
}
