"""Drawing of QC reports: panels of curves, points and images on paper of our own."""
