"""Write-ahead records of requests and replies, stored before they are on the log."""
