//! Which figures stand beside each other in a plot, and what of them a run has found.

use crate::targets::Figures;

/// Which end of a plot is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Less,
    More,
}

/// Figures that say something beside each other.
pub(crate) struct Plot {
    /// What its file is called.
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) better: Better,
    /// What each bar is called, and the figure that it shows.
    pub(crate) bars: &'static [(&'static str, &'static str)],
}

/// A bar as it is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bar {
    pub(crate) title: &'static str,
    pub(crate) value: f64,
    /// Whether it is what is measured here, and not what that is held against.
    pub(crate) is_ours: bool,
}

pub(crate) const PLOTS: &[Plot] = &[
    Plot {
        name: "many",
        title: "256 pairs, one word in flight: edges and broker",
        unit: "CPU-µs/message",
        better: Better::Less,
        bars: &[
            ("dh-secure-chat", "house-many-cpu"),
            ("naive relay", "naive-many-cpu"),
            ("Bun's relay", "bun-many-cpu"),
            ("broker alone, batched", "raw-nats-cpu"),
        ],
    },
    Plot {
        name: "saturated",
        title: "8 pairs, 32 words in flight",
        unit: "messages/s",
        better: Better::More,
        bars: &[
            ("dh-secure-chat", "house-saturated-rate"),
            ("naive relay", "naive-saturated-rate"),
            ("Bun's relay", "bun-saturated-rate"),
            ("broker alone, batched", "raw-nats-rate"),
        ],
    },
    Plot {
        name: "open",
        title: "5,000 words/s, open loop",
        unit: "µs",
        better: Better::Less,
        bars: &[
            ("dh-secure-chat, p50", "house-open-p50"),
            ("naive relay, p50", "naive-open-p50"),
            ("Bun's relay, p50", "bun-open-p50"),
            ("NATS request-reply, p50", "raw-nats-ask-p50"),
            ("TCP echo, p50", "raw-echo-p50"),
            ("dh-secure-chat, p99", "house-open-p99"),
            ("naive relay, p99", "naive-open-p99"),
            ("Bun's relay, p99", "bun-open-p99"),
        ],
    },
    Plot {
        name: "memory",
        title: "Memory for each idle connection",
        unit: "KiB",
        better: Better::Less,
        bars: &[
            ("dh-secure-chat", "house-idle-slope"),
            ("naive relay", "naive-idle-slope"),
            ("Bun's relay", "bun-idle-slope"),
        ],
    },
    Plot {
        name: "connect",
        title: "Letting somebody in: edge",
        unit: "CPU-µs",
        better: Better::Less,
        bars: &[
            ("dh-secure-chat", "house-connect"),
            ("naive relay", "naive-connect"),
            ("Bun's relay", "bun-connect"),
        ],
    },
    Plot {
        name: "files",
        title: "Files",
        unit: "MiB/s",
        better: Better::More,
        bars: &[
            ("dh-secure-chat, one pair", "house-files-1-rate"),
            ("naive relay, one pair", "naive-files-1-rate"),
            ("Bun's relay, one pair", "bun-files-1-rate"),
            ("dh-secure-chat, four pairs", "house-files-4-rate"),
            ("naive relay, four pairs", "naive-files-4-rate"),
            ("Bun's relay, four pairs", "bun-files-4-rate"),
        ],
    },
    Plot {
        name: "distance",
        title: "Files over a distance: one pair",
        unit: "MiB/s",
        better: Better::More,
        bars: &[
            ("20 ms, half a MiB in flight", "house-files-rtt-20-rate"),
            ("20 ms, four MiB in flight", "house-files-rtt-20-wide-rate"),
            ("100 ms, half a MiB in flight", "house-files-rtt-100-rate"),
            ("100 ms, four MiB in flight", "house-files-rtt-100-wide-rate"),
        ],
    },
    Plot {
        name: "disturbed",
        title: "5,000 words/s, p99: alone, and while others are at work",
        unit: "µs",
        better: Better::Less,
        bars: &[
            ("nobody else", "house-open-p99"),
            ("a file is sent", "house-during-transfer-p99"),
            ("many sign in", "house-during-logins-p99"),
            ("500 connect each second", "house-during-connects-p99"),
        ],
    },
    Plot {
        name: "growth",
        title: "A word in a larger house: edges and broker",
        unit: "CPU-µs/message",
        better: Better::Less,
        bars: &[
            ("two edges", "house-edges-2-cpu"),
            ("four edges", "house-edges-4-cpu"),
            ("2,500 people, four edges", "house-people-2500-cpu"),
            ("40,000 people, four edges", "house-people-40000-cpu"),
        ],
    },
];

impl Plot {
    /// A bar for each figure that was measured; none if there is nothing to compare by length.
    pub(crate) fn found(&self, figures: &Figures) -> Vec<Bar> {
        let bars = self.bars.iter().filter_map(|(title, name)| {
            let value = figures.get(name)?;
            Some(Bar { title, value, is_ours: name.starts_with("house-") })
        });
        let bars: Vec<Bar> = bars.collect();
        if bars.iter().any(|bar| bar.value > 0.0) { bars } else { Vec::new() }
    }

    /// What its figures are counted in, and which end is the better one.
    pub(crate) fn scale(&self) -> String {
        let better = match self.better {
            Better::Less => "less",
            Better::More => "more",
        };
        format!("{}, {better} is better", self.unit)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::measure::Measure;

    #[test]
    fn what_was_not_measured_has_no_bar_and_a_plot_of_nothing_is_none() {
        let measure = |name: &str, value| Measure::new(name, "", value, json!({}));
        let both = [measure("house-many-cpu", 10.0), measure("naive-many-cpu", 40.0)];
        let found = PLOTS[0].found(&Figures::of(&both));
        let drawn: Vec<(f64, bool)> = found.iter().map(|bar| (bar.value, bar.is_ours)).collect();
        assert_eq!(drawn, [(10.0, true), (40.0, false)]);
        assert_eq!(PLOTS[0].found(&Figures::of(&[measure("house-many-cpu", 0.0)])), []);
        assert_eq!(PLOTS[0].found(&Figures::of(&[])), []);
    }

    #[test]
    fn no_two_plots_share_a_file() {
        let names: std::collections::BTreeSet<&str> = PLOTS.iter().map(|plot| plot.name).collect();
        assert_eq!(names.len(), PLOTS.len());
    }
}
