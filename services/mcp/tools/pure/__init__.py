"""Pure tools: functions behind one contract, run in workers."""
