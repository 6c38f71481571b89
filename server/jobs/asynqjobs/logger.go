package asynqjobs

import (
	"fmt"
	"log/slog"
)

// logger passes on what asynq says.
type logger struct{ *slog.Logger }

// Debug implements [asynq.Logger], as do the others.
func (l logger) Debug(args ...any) { l.Logger.Debug(fmt.Sprint(args...)) }

// Info is like Debug: it is not news that a server starts or ends.
func (l logger) Info(args ...any) { l.Debug(args...) }

// Warn passes on a warning.
func (l logger) Warn(args ...any) { l.Logger.Warn(fmt.Sprint(args...)) }

// Error passes on an error.
func (l logger) Error(args ...any) { l.Logger.Error(fmt.Sprint(args...)) }

// Fatal is like Error: it does not end the process.
func (l logger) Fatal(args ...any) { l.Error(args...) }
