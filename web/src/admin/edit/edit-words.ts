import { defineWords } from '../../kit/words.ts';

export const editWords = defineWords(
  {
    unsaved: 'There are changes that are not saved.',
    discard: 'Discard',
    save: 'Save changes',
    saved: 'Saved.',
    staleTitle: 'Somebody else changed this meanwhile',
    staleText: 'Nothing was overwritten, and what you typed is still here. Load their changes, look, and save again.',
    reload: 'Load their changes',
    merged: (fields: string) => `Their changes are here now: ${fields}. Yours are still here; look, and save again.`,
    mergedNone: 'Their change touched nothing that is shown here. Save again.',
    both: (fields: string) => `You both changed ${fields}: yours is shown, and saving puts it in place of theirs.`,
    bulkFailed: (failed: number, of: number, why: string) =>
      `${failed} of ${of} did not work. The first reason: ${why}`,
    bulkTitle: 'Some of it did not work',
    noDate: 'no date',
  },
  {
    unsaved: '有未保存的修改。',
    discard: '放弃修改',
    save: '保存修改',
    saved: '已保存。',
    staleTitle: '其他人同时修改了此项',
    staleText: '没有覆盖任何内容，您输入的内容仍然保留。请载入对方的修改，核对后重新保存。',
    reload: '载入对方的修改',
    merged: (fields: string) => `已载入对方的修改：${fields}。您的修改仍然保留，请核对后重新保存。`,
    mergedNone: '对方的修改不涉及此处显示的内容，请重新保存。',
    both: (fields: string) => `双方都修改了 ${fields}：当前显示您的内容，保存后将替换对方的内容。`,
    bulkFailed: (failed: number, of: number, why: string) => `${of} 项中有 ${failed} 项未成功。首个原因：${why}`,
    bulkTitle: '部分操作未成功',
    noDate: '未设定',
  },
);
